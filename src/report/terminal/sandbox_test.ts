/** What people see of sandboxes, compared with `tests/corpus/report` as in `corpus_test.ts`. */

import type { EngineGuarantee, EngineRecord, SandboxExplainOutput } from "../../schema/outputs.ts";
import { corpusTests, evil } from "./_testing.ts";
import { sandboxDoctor, sandboxExplanation } from "./sandbox.ts";

type Standings = Readonly<Record<string, readonly [EngineGuarantee["support"], string?]>>;

const asked = [
  ["network", "none"],
  ["network", "localhost"],
  ["network", "hosts"],
  ["filesystem", "readonly"],
  ["processes", "isolated"],
  ["memory", null],
] as const;

function engine(
  name: string,
  supports: Standings,
  part: Partial<EngineRecord> = {},
): EngineRecord {
  return {
    name,
    source: "built-in",
    priority: 30,
    capabilities: [],
    works: true,
    detail: "a confined command ran; a socket, a write outside and a signal were denied",
    guarantees: asked.map(([dimension, value]) => {
      const [support, why = null] = supports[`${dimension} ${value}`] ?? ["not_offered"];
      return { dimension, value, support, why };
    }),
    obtain: null,
    ...part,
  };
}

const noManager = "systemd is not the first process here";
const systemd = engine("systemd", { "memory null": ["missing", noManager] }, {
  priority: 10,
  works: false,
  detail: noManager,
  obtain: "Start the machine with systemd.",
});
const bwrap = engine("bwrap", {
  "network none": ["full"],
  "network localhost": ["partial", "unix sockets in the file system of the host can be reached"],
  "filesystem readonly": ["full"],
  "processes isolated": ["full"],
}, { obtain: "Install bubblewrap 0.8 or later." });
const landlock = engine("landlock", {
  "network none": ["full"],
  "network localhost": ["missing", "its rules know no addresses"],
  "network hosts": ["missing", "its rules know no addresses"],
  "filesystem readonly": ["partial", "modes and owners of files can be changed"],
}, { priority: 40, obtain: "Linux 5.13 or later, with landlock among its security modules." });
const prlimit = engine("prlimit", {
  "memory null": ["partial", "each process by itself"],
}, { priority: 50 });
const container = engine("container-of-a-long-name", {
  "network none": ["full"],
  "network hosts": ["full"],
  "memory null": ["full"],
}, { source: "https://plugins.example.com/container/v1/mod.ts", priority: 20 });

const explained: SandboxExplainOutput = {
  name: "unit",
  kind: "test",
  source: "runner",
  preset: "test",
  on_uncovered: "warn",
  dimensions: [
    { dimension: "network", declared: "none", enforced_by: "bwrap" },
    {
      dimension: "filesystem",
      declared: "readonly",
      enforced_by: "bwrap",
      caveat: "what is mounted later can be seen",
    },
    { dimension: "memory", declared: "512m", why: `systemd: ${noManager}` },
    { dimension: "timeout", declared: "1m", enforced_by: "assay" },
  ],
  grade: "sealed",
  engines: [{ name: "bwrap", priority: 30, holds: ["network", "filesystem"] }],
  refused: [{ engine: "systemd", why: noManager }],
  failed: null,
  cwd: "back end",
  argv: [
    "bwrap",
    "--ro-bind",
    "/",
    "/",
    "--chdir",
    "/p/back end",
    "--",
    "sh",
    "-c",
    "a && b > 'c d'",
  ],
  files: [{ path: "/p/.assay/runs/01/.files/unit/bwrap/filter", bytes: 168 }],
  warnings: ['engine "bwrap": old'],
};

const hostile: SandboxExplainOutput = {
  ...explained,
  name: evil,
  preset: null,
  on_uncovered: "fail",
  dimensions: [{ dimension: evil, declared: evil, why: evil }],
  grade: "open",
  engines: [{ name: evil, priority: 1, holds: [evil] }],
  refused: [{ engine: evil, why: evil }],
  failed: evil,
  cwd: evil,
  argv: ["sh", "-c", "\x1b[2J\r\u202e"],
  files: [{ path: evil, bytes: 1 }],
  warnings: [evil],
};

const bare: SandboxExplainOutput = {
  ...explained,
  preset: null,
  on_uncovered: null,
  dimensions: [],
  grade: null,
  engines: [],
  refused: [],
  argv: ["sh", "-c", "true"],
  files: [],
  warnings: [],
};

const doctor = (...engines: EngineRecord[]) => ({ root: "/p", engines, warnings: [] });

corpusTests({
  sandbox_doctor: (look) => sandboxDoctor(doctor(systemd, bwrap, landlock, prlimit), look),
  sandbox_doctor_many: (look) =>
    sandboxDoctor(doctor(systemd, container, bwrap, landlock, prlimit), look),
  sandbox_doctor_none: (look) => sandboxDoctor(doctor(), look),
  sandbox_doctor_hostile: (look) =>
    sandboxDoctor({
      root: evil,
      engines: [
        engine(evil, { "network none": ["missing", evil], "memory null": ["partial", evil] }, {
          source: evil,
          detail: evil,
          obtain: evil,
        }),
      ],
      warnings: [evil],
    }, look),
  sandbox_explain: (look) => sandboxExplanation(explained, look, true),
  sandbox_explain_none: (look) => sandboxExplanation(bare, look),
  sandbox_explain_hostile: (look) => sandboxExplanation(hostile, look, true),
});
