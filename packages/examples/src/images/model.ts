import * as Option from "effect/Option"
import * as Schema from "effect/Schema"

const Image = Schema.Struct({ type: Schema.Literal("input_image"), image_url: Schema.String })
const Text = Schema.Struct({ type: Schema.Literal("input_text"), text: Schema.String })
const Message = Schema.Struct({ role: Schema.Literal("user"), content: Schema.Array(Schema.Unknown) })

const message = Schema.decodeUnknownOption(Message)
const isImage = Schema.is(Image)
const isText = Schema.is(Text)

/** The size of a PNG, which stands at the beginning of the file. */
const sizeOf = (url: string): string => {
  const png = Buffer.from(url.slice(url.indexOf(",") + 1), "base64")
  return `${png.readUInt32BE(16)} x ${png.readUInt32BE(20)}`
}

/** The app-server writes around the image of a file which one it is. */
const isTag = (text: string): boolean => text.startsWith("<image ") || text === "</image>"

/** What a model says that sees no more of an image than its size: the parts of the last message of the user, in order. */
export const describe = (input: ReadonlyArray<unknown>): string => {
  const last = input.map((item) => message(item)).filter(Option.isSome).at(-1)
  const parts = last === undefined ?
    [] :
    last.value.content.flatMap((part) =>
      isImage(part) ? [`<${sizeOf(part.image_url)}>`] : isText(part) && !isTag(part.text) ? [part.text] : []
    )
  return `I see: ${parts.join(" | ")}`
}
