import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import * as Approval from "../../Approval.js"
import * as Elicitation from "../../Elicitation.js"
import type { CommandApproval, FileChangeApproval, Handler, PersonalKind } from "../../ServerRequests.js"
import { pass } from "./handlers.js"
import { isReadOnly } from "./readOnlyCommand.js"

/** @internal */
export const declineAll: { readonly [K in PersonalKind]: Handler<K, never> } = {
  commandApproval: () => Effect.succeed(Approval.decline),
  fileChangeApproval: () => Effect.succeed(Approval.decline),
  permissionsApproval: () => Effect.succeed(Approval.decline),
  userInput: () => Effect.succeed({}),
  elicitation: () => Effect.succeed(Elicitation.decline),
  legacyCommandApproval: () => Effect.succeed(Approval.decline),
  legacyPatchApproval: () => Effect.succeed(Approval.decline)
}

/** @internal */
export const acceptReads = {
  commandApproval: (approval: CommandApproval) =>
    Effect.suspend(() => onlyReads(approval) ? Effect.succeed(Approval.accept) : pass)
}

const onlyReads = (
  { additionalPermissions, command, commandActions, decisions, kind, networkApprovalContext }: CommandApproval
): boolean =>
  decisions.some(({ _tag }) => _tag === "Accept") &&
  (kind ?? "command") === "command" &&
  additionalPermissions == null &&
  networkApprovalContext == null &&
  commandActions != null && commandActions.length > 0 &&
  commandActions.every(({ type }) => type === "read" || type === "listFiles" || type === "search") &&
  command != null && isReadOnly(command)

/** @internal */
export const acceptWithin = (folder: string) => ({
  fileChangeApproval: (approval: FileChangeApproval) =>
    Effect.flatMap(
      allWithin(folder, touched(approval)),
      (within) => within ? Effect.succeed(Approval.accept) : pass
    )
})

/** Every path that the change is about, or nothing where they are not all known. */
const touched = ({ changes, grantRoot }: FileChangeApproval): ReadonlyArray<string> => {
  const paths = (changes ?? []).map(({ kind, path }) => {
    switch (kind.type) {
      case "add":
      case "delete":
        return [path]
      case "update":
        return kind.move_path == null ? [path] : [path, kind.move_path]
      case "$unknown":
        return []
    }
  })
  return paths.some((some) => some.length === 0) ? [] : [...paths.flat(), ...(grantRoot == null ? [] : [grantRoot])]
}

const allWithin = Effect.fnUntraced(function*(folder: string, paths: ReadonlyArray<string>) {
  const path = yield* Path.Path
  // What a relative path stands for is the server's to say.
  if (paths.length === 0 || !paths.every((target) => path.isAbsolute(target))) {
    return false
  }
  const root = yield* realPath(path.resolve(folder))
  // Whether `..` is taken from the path or from where the links before it lead is the server's to say as well.
  const leads = yield* Effect.forEach(paths, (target) => Effect.all([realPath(path.resolve(target)), walked(target)]))
  return leads.flat().every((real) => {
    const relative = path.relative(root, real)
    return relative !== ".." && !relative.startsWith(`..${path.sep}`) && !path.isAbsolute(relative)
  })
}, Effect.orElseSucceed(() => false))

/** Where a path leads step by step, with `..` for the parent of wherever the steps before it have led. */
const walked = Effect.fnUntraced(function*(target: string) {
  const path = yield* Path.Path
  let at = path.parse(target).root
  for (const step of target.slice(at.length).split(/[/\\]/)) {
    at = step === ".." ? path.dirname(yield* realPath(at)) : path.join(at, step)
  }
  return yield* realPath(at)
})

/** Where a path leads once the links on the way are followed, though what it names may not exist yet. */
const realPath = (target: string): Effect.Effect<string, unknown, FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    return yield* Effect.catchIf(
      fs.realPath(target),
      (error) => error._tag === "SystemError" && error.reason === "NotFound" && path.dirname(target) !== target,
      // A link to what does not exist leads there all the same.
      (notFound) =>
        Effect.flatMap(
          Effect.isSuccess(fs.readLink(target)),
          (dangling) =>
            dangling
              ? Effect.fail(notFound)
              : Effect.map(realPath(path.dirname(target)), (parent) => path.join(parent, path.basename(target)))
        )
    )
  })
