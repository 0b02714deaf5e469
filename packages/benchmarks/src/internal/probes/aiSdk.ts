/** The way of a message through the app-server mode of `ai-sdk-provider-codex-cli`, to the parts of its stream. */
import { Meter, orderOf, type Params, params, report, serverFile } from "./probe.js"

/** What is used of it. It is installed for the benchmark alone, so the compiler does not know it. */
interface Package {
  readonly createCodexAppServer: (options: unknown) => ((model: string) => Model) & {
    readonly listModels: () => Promise<unknown>
  }
}

interface Model {
  readonly doStream: (options: unknown) => Promise<{ readonly stream: AsyncIterable<Part> }>
}

interface Part {
  readonly type: string
  readonly error?: unknown
}

const given = params<Params & { readonly module: string }>()
const { createCodexAppServer }: Package = await import(given.module)
// What ends in `.js` it runs with Node.
const provider = createCodexAppServer({ defaultSettings: { codexPath: serverFile, logger: false } })
const { module: _, ...order } = given
const meter = new Meter(given, () => void provider.listModels())
const prompt = [{ role: "user", content: [{ type: "text", text: JSON.stringify(orderOf(order)) }] }]

const turn = async () => {
  const { stream } = await provider("benchmark").doStream({ prompt })
  for await (const { error, type } of stream) {
    if (type === "error") {
      throw new Error("The stream failed", { cause: error })
    }
    if (type === "text-delta") {
      meter.saw()
    }
  }
}

await Promise.all(Array.from({ length: given.turns }, turn))
report(meter.sample)
