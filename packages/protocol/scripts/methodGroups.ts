/** A part of the page that lists the methods: those that match, in the order of the protocol. */
export interface MethodGroup {
  readonly title: string
  /** What the SDK has for them beside `request` and `list`. */
  readonly beside: string
  readonly methods: RegExp
}

/** A method belongs to the first group that it matches. */
export const methodGroups: ReadonlyArray<MethodGroup> = [
  {
    title: "Threads",
    beside:
      "`codex.startThread`, `resumeThread`, `forkThread`, `threads`; `thread.read`, `turns`, `items`, `setName`, `compact`, `archive`, `unarchive`, `unsubscribe`; `Thread.scoped`",
    methods:
      /^(thread\/(start|resume|fork|archive|unarchive|delete|unsubscribe|read|list|revert|search|searchOccurrences|loaded\/list|name\/set|metadata\/update|compact\/start|turns\/list|items\/.*|timeline\/list|inject_items|readState\/update|settings\/update)|rollout\/compress)$/
  },
  {
    title: "Turns",
    beside: "`thread.run`, `runAs`, `stream`, `startTurn`, with limits; `turn.steer`, `interrupt`, `detach`",
    methods: /^(turn\/|thread\/(sample|prediction)|thread\/prepareApprovedPlan)/
  },
  {
    title: "Goals",
    beside: "`thread.goal`: `run` and `stream` follow the goal over all its turns",
    methods: /^thread\/goal\//
  },
  {
    title: "Reviews",
    beside: "`thread.review`, `thread.startReview`; approvals: `ServerRequests`",
    methods: /^(review\/start|thread\/(guardianReview|approveGuardianDeniedAction|.*_elicitation))$/
  },
  { title: "Queue", beside: "", methods: /^thread\/queue\// },
  {
    title: "Sections, projects, attachments",
    beside: "",
    methods: /^(thread\/(section|attachment)|threadSection\/|project\/)/
  },
  { title: "Memory", beside: "", methods: /^(thread\/memory|memory\/)/ },
  {
    title: "Shell commands and background terminals",
    beside: "",
    methods: /^thread\/(shellCommand|backgroundTerminals)/
  },
  { title: "Realtime", beside: "`thread.realtime`: text and audio as scoped streams", methods: /^thread\/realtime\// },
  {
    title: "Account",
    beside: "`Account`: logins as scoped handles, rate limits as a stream",
    methods: /^(account|accountSession|userVerification)\//
  },
  {
    title: "Models and configuration",
    beside: "`codex.models`",
    methods:
      /^(model|modelProvider|config|configRequirements|experimentalFeature|permissionProfile|collaborationMode|externalAgentConfig)\/(?!mcpServer)/
  },
  {
    title: "MCP servers",
    beside: "`McpServers`: sign-in and event streams as scoped handles; elicitations: `ServerRequests`",
    methods: /^(mcpServer|mcpServerStatus|config\/mcpServer)\//
  },
  { title: "Skills, hooks, plugins, apps", beside: "", methods: /^(skills|hooks|marketplace|plugin|app)\// },
  { title: "Files", beside: "`Files`: bytes, and `watch` as a `Stream`", methods: /^fs\// },
  {
    title: "Commands and processes",
    beside: "`Command.exec`, `Process.spawn`: scoped handles with a `Sink` and `Stream`s",
    methods: /^(command\/exec|process\/)/
  },
  { title: "File search", beside: "`FuzzyFileSearch.session`", methods: /^fuzzyFileSearch/ },
  {
    title: "The server itself",
    beside: "`AppServer` does the handshake",
    methods: /^(initialize|server\/|feedback\/|remoteControl\/|environment\/|windowsSandbox\/|mock\/)/
  }
]
