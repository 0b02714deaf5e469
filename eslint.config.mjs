import * as effect from "@effect/eslint-plugin"
import eslint from "@eslint/js"
import { readdirSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import tseslint from "typescript-eslint"

const root = new URL("./", import.meta.url)

// Generated code has its own check: it is reproduced byte for byte.
const generated = ["packages/protocol/src/**", "!packages/protocol/src/internal/**"]

const barrels = ["effect", "@effect/ai", "@effect/platform", "@effect/platform-node"].map((name) => ({
  name,
  message: "Import the module itself, such as \"effect/Effect\": a barrel loads everything behind it."
}))

const closed = {
  regex:
    "^@effect-codex/[^/]+/(internal|src|dist)(/|$)|^(\\.\\./){2,}(packages/)?(protocol|sdk|node|testing|ai|promise|cli)/",
  message: "Other packages are entered through what their `exports` offer."
}

// One rule holds all restrictions of a folder, because a later entry replaces the options of an earlier one.
const imports = (paths, patterns) => ({
  "@typescript-eslint/no-restricted-imports": ["error", { paths, patterns: [closed, ...patterns] }]
})

const packages = readdirSync(new URL("packages/", root)).map((folder) => {
  const manifest = JSON.parse(readFileSync(new URL(`packages/${folder}/package.json`, root), "utf8"))
  const known = { ...manifest.dependencies, ...manifest.peerDependencies, ...manifest.optionalDependencies }
  return { folder, name: manifest.name, known: Object.keys(known) }
})

const sourcesOf = ({ folder, known, name }) => {
  const others = packages.map((other) => other.name).filter((other) => other !== name && !known.includes(other))
  return {
    files: [`packages/${folder}/src/**/*.ts`],
    // An example is a user's program, and shows what users type.
    rules: imports(folder === "examples" ? [] : barrels, [
      ...others.map((other) => ({
        regex: `^${other}(/|$)`,
        message:
          `${name} does not depend on it: a package imports only from rows above its own in the table of docs/architecture.md.`
      })),
      ...(folder !== "protocol" && folder !== "sdk" ? [] : [{
        regex: "^node:|^@effect/platform-node(/|$)",
        message: `${name} runs on any platform.`
      }])
    ])
  }
}

const nodeGlobals = Object.fromEntries(
  ["clearTimeout", "console", "performance", "process", "setTimeout", "URL"].map((name) => [name, "readonly"])
)

export default tseslint.config(
  { ignores: ["**/dist/", "**/build/", "**/coverage/", ...generated] },
  { linterOptions: { reportUnusedDisableDirectives: "error" } },
  eslint.configs.recommended,
  effect.configs.dprint,
  {
    files: ["**/*.{js,mjs,ts}"],
    rules: {
      "@effect/dprint": ["error", {
        config: {
          indentWidth: 2,
          lineWidth: 120,
          newLineKind: "lf",
          semiColons: "asi",
          quoteStyle: "alwaysDouble",
          trailingCommas: "never",
          operatorPosition: "maintain",
          "arrowFunction.useParentheses": "force"
        }
      }],
      eqeqeq: ["error", "always", { null: "ignore" }],
      "no-var": "error",
      "object-shorthand": "error",
      "prefer-const": "error"
    }
  },
  {
    files: ["**/*.mjs"],
    languageOptions: { globals: nodeGlobals }
  },
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.base],
    rules: {
      // The compiler knows these better.
      "no-redeclare": "off",
      "no-undef": "off",
      "no-unused-vars": "off",
      // A generator may build an Effect that waits for nothing.
      "require-yield": "off",
      "no-console": "error",
      "@typescript-eslint/array-type": ["error", { default: "generic", readonly: "generic" }],
      "@typescript-eslint/ban-ts-comment": ["error", { "ts-expect-error": "allow-with-description" }],
      "@typescript-eslint/consistent-type-imports": ["error", { disallowTypeAnnotations: false }],
      "@typescript-eslint/no-explicit-any": "error",
      "@typescript-eslint/no-import-type-side-effects": "error",
      "@typescript-eslint/no-non-null-assertion": "error",
      "@typescript-eslint/no-unused-vars": ["error", {
        argsIgnorePattern: "^_",
        caughtErrorsIgnorePattern: "^_",
        destructuredArrayIgnorePattern: "^_",
        varsIgnorePattern: "^_",
        ignoreRestSiblings: true
      }],
      ...imports([], [])
    }
  },
  {
    // Type tests belong to no project of the packages.
    files: ["packages/*/{src,test,scripts}/**/*.ts"],
    ignores: ["**/*.tst.ts"],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: fileURLToPath(root) } },
    rules: {
      "@typescript-eslint/await-thenable": "error",
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/no-misused-promises": "error",
      "@typescript-eslint/no-unnecessary-type-assertion": "error"
    }
  },
  packages.map(sourcesOf),
  {
    files: ["packages/*/src/**/*.ts"],
    ignores: ["packages/{benchmarks,examples}/**"],
    rules: {
      "no-restricted-properties": ["error", {
        object: "Effect",
        property: "raceFirst",
        message: "It can wait without end where it is interrupted: see sdk's internal/connection/race.ts."
      }]
    }
  },
  {
    // A fixture is a program of its own, not a test.
    files: ["packages/*/test/**/*.ts"],
    ignores: ["packages/*/test/fixtures/**"],
    rules: {
      // A test waits for the thing itself: a latch, a gate, the TestClock.
      "no-restricted-globals": ["error", "setTimeout", "setInterval"],
      "no-restricted-properties": ["error", { object: "Effect", property: "sleep" }]
    }
  },
  {
    files: ["packages/*/test/**/*.tst.ts"],
    rules: { "@typescript-eslint/no-unused-vars": "off" }
  },
  {
    files: ["packages/*/scripts/**/*.ts", "packages/*/test/fixtures/**/*.ts", "packages/examples/**/*.ts"],
    rules: { "no-console": "off" }
  }
)
