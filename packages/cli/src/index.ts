/**
 * The command line of codex, as a value: the tree of its commands, and how a program runs it.
 *
 * @since 0.1.0
 */
export * as Cli from "./Cli.js"

/**
 * Where the app-server of a command comes from: a process that is started for it, or what a test puts in its place.
 *
 * @since 0.1.0
 */
export * as Launcher from "./Launcher.js"

/**
 * Where the commands read and write: the standard streams of a process, or what a test puts in their place.
 *
 * @since 0.1.0
 */
export * as Stdio from "./Stdio.js"
