import * as Schema from "effect/Schema"

/**
 * A member of a union that this version of the protocol doesn't know, as it came from the server. `Tag` is the member
 * that tells the union's known members apart.
 *
 * @since 0.1.0
 * @category models
 */
export type UnknownMember<Tag extends string = "type"> = {
  readonly [K in Tag | "raw"]: K extends "raw" ? unknown : "$unknown"
}

type Json = Readonly<Record<string, unknown>>

const isObject = (input: unknown): input is Json =>
  typeof input === "object" && input !== null && !Array.isArray(input)

/**
 * The schema of the objects that `isUnknown` accepts, seen as `UnknownMember`. It is typed as its own encoding, like
 * every schema of this package, because the encoding of an unknown member is whatever came.
 *
 * @internal
 */
export const unknownMember = <Tag extends string>(
  tag: Tag,
  isUnknown: (input: Json) => boolean,
  jsonSchema: object
): Schema.Schema<UnknownMember<Tag>> =>
  Schema.transform(
    Schema.Unknown.pipe(
      Schema.filter((input) => isObject(input) && isUnknown(input), {
        description: "an object of a kind that this version of the protocol does not know",
        jsonSchema
      })
    ),
    Schema.Struct({ [tag]: Schema.Literal("$unknown"), raw: Schema.Unknown }),
    {
      strict: false,
      decode: (raw: unknown) => ({ [tag]: "$unknown", raw }),
      encode: (member) => member["raw"]
    }
  ) as unknown as Schema.Schema<UnknownMember<Tag>>
