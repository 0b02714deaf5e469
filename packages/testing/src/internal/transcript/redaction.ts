import * as Redacted from "effect/Redacted"
import type * as Transcript from "../../Transcript.js"
import { placeholder } from "./difference.js"
import * as Folders from "./folders.js"
import { isAnswer, isObject, type Json, mapStrings, methodOf } from "./json.js"

/**
 * What takes secrets and folders out of the messages of one connection, all of which it has to see.
 *
 * @internal
 */
export interface Redactor {
  readonly conceal: (secrets: ReadonlyArray<Redacted.Redacted>) => void
  readonly message: (message: unknown, direction: Transcript.Direction) => unknown
  readonly text: (text: string) => string
}

const secretMember =
  /(api|access|secret|private|session|signing|encryption|idempotency)[-_]?key(id)?$|token$|secret$|passwo?r?d$|credential$|(^|-)authorization$|cookie$|bearer$|(user|pairing)code$|auth(orization)?_?url$|^e?mail$|account(user)?id$/i

const secretVariable = /KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIAL/

const isSecretName = (name: string): boolean =>
  secretMember.test(name) || (secretVariable.test(name) && name === name.toUpperCase())

/** The last part of `mcp_servers.docs.bearer_token` says what its value is. */
const isSecretKey = (key: unknown): boolean => typeof key === "string" && isSecretName(key.split(".").at(-1) ?? "")

// As a pair of a name and a value: a header, a variable, an edit of the configuration.
const isSecretValue = (member: string, holder: Json | undefined): boolean =>
  member === "value" && holder !== undefined &&
  [holder["name"], holder["key"], holder["keyPath"]].some(isSecretKey)

/** An installation says the name of its machine. */
const isMachine = (member: string, holder: Json | undefined): boolean =>
  member === "installationId" || (member === "serverName" && holder?.["installationId"] !== undefined)

const looksSecret: ReadonlyArray<readonly [RegExp, string]> = [
  [/\b(Bearer|Basic)\s+[\w~+/=.-]{8,}/gi, `$1 ${placeholder}`],
  [/\bsk-[\w-]{8,}/g, placeholder],
  [/\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g, placeholder],
  [
    /\b(gh[opsur]_\w{16,}|github_pat_\w{16,}|glpat-[\w-]{16,}|xox[abprs]-[\w-]{10,}|AKIA[A-Z0-9]{16}|AIza[\w-]{30,})/g,
    placeholder
  ],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(-----END [A-Z ]*PRIVATE KEY-----|$)/g, placeholder],
  [
    /\b([A-Z0-9_]*(?:KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIAL)[A-Z0-9_]*)=("[^"]*"|'[^']*'|[^\s"']+)/g,
    `$1=${placeholder}`
  ],
  [/\b([a-z][a-z0-9+.-]*:\/\/)[^\s/:@]+:[^\s/@]+@/gi, `$1${placeholder}@`]
]

const withoutPatterns = (text: string): string =>
  looksSecret.reduce((rest, [pattern, replacement]) => rest.replace(pattern, replacement), text)

// A shorter value ("true", "1234") is no secret worth hiding and would tear holes into ordinary words.
const minLength = 8
const maxLearned = 1_000

const environmentSecrets = (): ReadonlyArray<string> =>
  Object.entries(Folders.environment()).flatMap(([name, value]) =>
    value !== undefined && secretVariable.test(name.toUpperCase()) && value.length >= minLength ? [value] : []
  )

const escape = (literal: string): string => literal.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")

/** The secret questions that were put to the user, by the id of the request, so that their answers can be told. */
const secretQuestions = (message: Json): ReadonlyArray<string> => {
  const params = message["params"]
  const questions = isObject(params) ? params["questions"] : undefined
  return Array.isArray(questions)
    ? questions.flatMap((question: unknown) =>
      isObject(question) && question["isSecret"] === true && typeof question["id"] === "string" ? [question["id"]] : []
    )
    : []
}

const stringsIn = (value: unknown): ReadonlyArray<string> => {
  const found: Array<string> = []
  mapStrings(value, (text, member) => {
    if (member !== "") {
      found.push(text)
    }
    return text
  }, "value")
  return found
}

/** @internal */
export const make = (options: Transcript.Redaction): Redactor => {
  const learned = new Set<string>()
  const folders = Folders.make(options.folders ?? {})
  const asked = new Map<string, ReadonlyArray<string>>()
  let known: RegExp | undefined

  const learn = (values: ReadonlyArray<string>): void => {
    const before = learned.size
    for (const value of values) {
      if (value !== "" && value !== placeholder && learned.size < maxLearned) {
        learned.add(value)
      }
    }
    if (learned.size > before) {
      // The longest first: where one secret is the beginning of another, the rest of the longer must not stay behind.
      known = new RegExp(Array.from(learned).sort((a, b) => b.length - a.length).map(escape).join("|"), "g")
    }
  }

  const text = (value: string): string =>
    folders.name(withoutPatterns(known === undefined ? value : value.replace(known, placeholder)))

  const member = (value: string, name: string, holder: Json | undefined): string => {
    if (value !== "" && (isSecretName(name) || isSecretValue(name, holder) || isMachine(name, holder))) {
      // It may be repeated elsewhere under another name.
      if (value.length >= minLength && !isMachine(name, holder)) {
        learn([value])
      }
      return placeholder
    }
    return name.endsWith("Base64") ? base64(value) : text(value)
  }

  const base64 = (value: string): string => {
    const decoded = decodeBase64(value)
    const shown = decoded === undefined ? undefined : text(decoded)
    return shown === undefined || shown === decoded ? value : encodeBase64(shown)
  }

  const look = (message: unknown, direction: Transcript.Direction): void => {
    if (!isObject(message)) {
      return
    }
    const id = JSON.stringify(message["id"])
    if (direction === "in" && methodOf(message) === "item/tool/requestUserInput") {
      const secret = secretQuestions(message)
      if (secret.length > 0 && asked.size < maxLearned) {
        asked.set(id, secret)
      }
    }
    const questions = direction === "out" && isAnswer(message) ? asked.get(id) : undefined
    if (questions !== undefined) {
      asked.delete(id)
      const answers = isObject(message["result"]) ? message["result"]["answers"] : undefined
      learn(isObject(answers) ? questions.flatMap((question) => stringsIn(answers[question])) : [])
    }
    const result = direction === "in" && isObject(message["result"]) ? message["result"] : {}
    if (typeof result["userAgent"] === "string" && typeof result["codexHome"] === "string") {
      folders.learn("codexHome", result["codexHome"])
    }
  }

  learn([...(options.secrets ?? []).map(Redacted.value), ...environmentSecrets()])

  return {
    conceal: (secrets) => learn(secrets.map(Redacted.value)),
    text,
    message(message, direction) {
      look(message, direction)
      const shown = mapStrings(message, member)
      return options.redact === undefined ? shown : options.redact(shown, direction)
    }
  }
}

const decodeBase64 = (value: string): string | undefined => {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Uint8Array.from(atob(value), (unit) => unit.charCodeAt(0)))
  } catch {
    return undefined
  }
}

const encodeBase64 = (value: string): string =>
  btoa(Array.from(new TextEncoder().encode(value), (byte) => String.fromCharCode(byte)).join(""))
