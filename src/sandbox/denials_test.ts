import { assert, assertEquals } from "@std/assert";
import type { SandboxSpec } from "../plugin.ts";
import { denialByEnd, denialsInOutput, type Found } from "./denials.ts";

/** What there is on the machine of these tests; all else is not there. */
const states: Readonly<Record<string, Found["state"]>> = {
  "/etc/passwd": "readable",
  "/etc/shadow": "unreadable",
  "/home/u/.ssh/id": "readable",
  "/usr/bin/ld": "readable",
  "/work/src/main.py": "readable",
};

async function denials(text: string, enforced: SandboxSpec) {
  const found = await denialsInOutput("standard error", text, {
    enforced,
    workspace: "/work",
    cwd: "/work/app",
    writable: ["/work/.assay/runs/1/it", "/tmp/assay-1", "/work/report.xml"],
    look: (path) => {
      const real = path.replace(/^\/work\/link\b/, "/etc");
      return Promise.resolve({ real, state: states[real] ?? "missing" });
    },
  });
  return found.map(({ dimension, subject }) => subject ? `${dimension} ${subject}` : dimension);
}

const readonly: SandboxSpec = { filesystem: "readonly" };
const inWorkspace: SandboxSpec = { filesystem: "workspace_only" };
const scoped: SandboxSpec = { filesystem: "scoped_write", paths_writable: ["/work/out", "/opt/a"] };
const none: SandboxSpec = { network: "none" };

/** Wordings of tools, as they print them, and the path they are about. */
const written: readonly (readonly [string, string])[] = [
  ["touch: cannot touch '/etc/x': Read-only file system", "/etc/x"],
  ["touch: /etc/x: Read-only file system", "/etc/x"],
  ["touch: out.txt: Read-only file system", "/work/app/out.txt"],
  ["sh: 1: cannot create /etc/x: Read-only file system", "/etc/x"],
  ["sh: 1: cannot create out.txt: Permission denied", "/work/app/out.txt"],
  ["bash: line 1: /etc/x: Read-only file system", "/etc/x"],
  ["bash: line 1: out.txt: Read-only file system", "/work/app/out.txt"],
  ["mkdir: cannot create directory ‘/etc/x y’: Permission denied", "/etc/x y"],
  ["rm: cannot remove '/etc/passwd': Permission denied", "/etc/passwd"],
  ["mv: cannot move '/etc/a' to '/etc/b': Read-only file system", "/etc/b"],
  ["/usr/bin/touch: cannot touch '/etc/x': Read-only file system", "/etc/x"],
  ["/usr/bin/ld: cannot open output file /etc/a.out: Read-only file system", "/etc/a.out"],
  ["Fatal error: can't create /etc/a.o: Read-only file system", "/etc/a.o"],
  ["tar: dir/x: Cannot open: Read-only file system", "/work/app/dir/x"],
  ["OSError: [Errno 30] Read-only file system: '/etc/x'", "/etc/x"],
  ["PermissionError: [Errno 13] Permission denied: '/etc/passwd'", "/etc/passwd"],
  [
    "/work/src/main.py:3: PermissionError: [Errno 13] Permission denied: '/etc/x'",
    "/etc/x",
  ],
  ["Error: EROFS: read-only file system, mkdir '/opt/x'", "/opt/x"],
  ["Error: EACCES: permission denied, open '/etc/x'", "/etc/x"],
  ["PermissionDenied: Permission denied (os error 13): writefile '/etc/x'", "/etc/x"],
  ["open /etc/x: read-only file system", "/etc/x"],
  ["mkdir /etc/x: permission denied", "/etc/x"],
  [
    "error: failed to write `/etc/x`\n\nCaused by:\n  Read-only file system (os error 30)",
    "/etc/x",
  ],
  [
    "fatal: Unable to create '/srv/r/.git/index.lock': Read-only file system",
    "/srv/r/.git/index.lock",
  ],
  ["java.io.FileNotFoundException: /etc/x (Read-only file system)", "/etc/x"],
  ["Read-only file system @ rb_sysopen - /etc/x (Errno::EROFS)", "/etc/x"],
  ['{"message":"OSError: [Errno 30] Read-only file system: \'/etc/x\'\\nmore"}', "/etc/x"],
  ["\x1b[31mtouch: cannot touch '/etc/x': Read-only file system\x1b[0m", "/etc/x"],
];

for (const [line, path] of written) {
  Deno.test(`denied by the filesystem: ${line.replaceAll("\n", " / ")}`, async () => {
    assertEquals(await denials(line, readonly), [`filesystem ${path}`]);
    // Nothing restricts writing: then it is an error like any other.
    assertEquals(await denials(line, { network: "none", memory: 1 }), []);
    assertEquals(await denials(line, { filesystem: "unrestricted" }), []);
  });
}

Deno.test("what the sandbox lets be written is no denial, whatever the words", async () => {
  const readOnly = (path: string) => `touch: cannot touch '${path}': Read-only file system`;
  const may = (path: string, spec: SandboxSpec) =>
    denials(readOnly(path), spec).then((found) => found.length === 0);
  assert(await may("/work/app/x", inWorkspace));
  assert(!await may("/work/app/x", readonly));
  assert(!await may("/works/x", inWorkspace));
  assert(!await may("/work/.assay/assay.db", inWorkspace));
  assert(!await may("/work/link/x", inWorkspace), "a link leads out");
  assert(await may("/work/.assay/runs/1/it/log", inWorkspace));
  assert(await may("/tmp/assay-1/x", readonly));
  assert(!await may("/tmp/x", readonly));
  assert(await may("/work/report.xml", readonly));
  assert(await may("/work/out/x", scoped));
  assert(await may("/opt/a", scoped));
  assert(!await may("/work/x", scoped));
  assert(await may("/tmp/x", { filesystem: "readonly", tmpfs: ["/tmp"] }));
  assert(await may("/dev/full", readonly));
});

Deno.test("ordinary refusals are no denials", async () => {
  for (
    const line of [
      "cat: /etc/shadow: Permission denied",
      "cat: /etc/passwd: Permission denied",
      "ls: cannot open directory '/etc/x': Permission denied",
      "find: ‘/etc/shadow’: Permission denied",
      "PermissionError: [Errno 13] Permission denied: '/etc/shadow'",
      "sh: 1: /etc/passwd: Permission denied",
      "Error: Permission denied (os error 13)",
      "a test that is named Read-only file system",
      "git@github.com: Permission denied (publickey).",
      "everything is fine",
    ]
  ) assertEquals(await denials(line, readonly), [], line);
});

Deno.test("what was hidden is reported when it exists", async () => {
  const spec = { paths_hidden: ["/home/u"], paths_readable: ["/home/u/pub"], tmpfs: ["/etc"] };
  const missing = (path: string) => denials(`cat: ${path}: No such file or directory`, spec);
  assertEquals(await missing("/home/u/.ssh/id"), ["paths_hidden /home/u/.ssh/id"]);
  assertEquals(await missing("/home/u/.ssh/other"), []);
  assertEquals(await missing("/home/v/x"), []);
  assertEquals(await missing("/etc/passwd"), ["tmpfs /etc/passwd"]);
  assertEquals(await denials("cat: /home/u/.ssh/id: Permission denied", spec), [
    "paths_hidden /home/u/.ssh/id",
  ]);
  assertEquals(await denials("cat: /home/u/pub/x: Permission denied", spec), []);
  assertEquals(await denials("cat: /home/u/.ssh/id: No such file or directory", readonly), []);
});

const unreached: readonly (readonly [string, string])[] = [
  ["curl: (6) Could not resolve host: example.com", " example.com"],
  [
    "curl: (7) Failed to connect to 10.0.0.1 port 80 after 0 ms: Network is unreachable",
    " 10.0.0.1",
  ],
  ["wget: unable to resolve host address ‘example.com’", " example.com"],
  [
    "ssh: Could not resolve hostname git.example.com: Temporary failure in name resolution",
    " git.example.com",
  ],
  [
    "Err:1 http://deb.debian.org stable Release: Temporary failure resolving 'deb.debian.org'",
    " deb.debian.org",
  ],
  ["socket.gaierror: [Errno -3] Temporary failure in name resolution", ""],
  ["OSError: [Errno 101] Network is unreachable", ""],
  ["OSError: [Errno 97] Address family not supported by protocol", ""],
  ["npm error getaddrinfo ENOTFOUND registry.npmjs.org", " registry.npmjs.org"],
  ["Error: getaddrinfo EAI_AGAIN example.com", " example.com"],
  ["Error: connect ENETUNREACH 10.0.0.1:443", " 10.0.0.1:443"],
  ["Error: connect EACCES 10.0.0.1:443", " 10.0.0.1:443"],
  ["dial tcp: lookup proxy.golang.org: no such host", " proxy.golang.org"],
  ["dial tcp 10.0.0.1:80: connect: permission denied", " 10.0.0.1:80"],
  [
    "HTTPSConnectionPool(host='a.example', port=443): [Errno -3] Temporary failure in name resolution",
    " a.example",
  ],
  [
    "fatal: unable to access 'https://me:secret@git.example/r/': Could not resolve host: git.example",
    " git.example",
  ],
  ["failed to lookup address information: Temporary failure in name resolution", ""],
  ["ping: example.com: Temporary failure in name resolution", " example.com"],
];

for (const [line, host] of unreached) {
  Deno.test(`denied by the network: ${line}`, async () => {
    assertEquals(await denials(line, none), [`network${host}`]);
    assertEquals(await denials(line, readonly), []);
    assertEquals(await denials(line, { network: "unrestricted" }), []);
  });
}

Deno.test("a host that the sandbox lets be reached is no denial", async () => {
  const line = "getaddrinfo ENOTFOUND localhost";
  assertEquals(await denials(line, { network: "localhost" }), []);
  assertEquals(await denials(line, none), ["network localhost"]);
  const hosts: SandboxSpec = { network: "hosts", hosts: ["a.example:443"] };
  assertEquals(await denials("Could not resolve host: a.example", hosts), []);
  assertEquals(await denials("Could not resolve host: b.example", hosts), ["network b.example"]);
});

Deno.test("limits of processes, memory and time count where they are enforced", async () => {
  const rows: readonly (readonly [string, "pids" | "memory" | "cpu"])[] = [
    ["sh: 1: Cannot fork", "pids"],
    ["bash: fork: retry: Resource temporarily unavailable", "pids"],
    ["Error: spawn node EAGAIN", "pids"],
    ["RuntimeError: can't start new thread", "pids"],
    [
      "  self.pid = _fork_exec(\nBlockingIOError: [Errno 11] Resource temporarily unavailable",
      "pids",
    ],
    ["fork/exec /bin/true: resource temporarily unavailable", "pids"],
    ["Traceback (most recent call last):\nMemoryError", "memory"],
    ["OSError: [Errno 12] Cannot allocate memory", "memory"],
    ["FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory", "memory"],
    ["terminate called after throwing an instance of 'std::bad_alloc'", "memory"],
    ["sh: line 1: 12 CPU time limit exceeded", "cpu"],
  ];
  for (const [line, dimension] of rows) {
    assertEquals(await denials(line, { [dimension]: 5 }), [dimension], line);
    assertEquals(await denials(line, { filesystem: "readonly", network: "none" }), [], line);
  }
  assertEquals(await denials("flock: Resource temporarily unavailable", { pids: 5 }), []);
});

Deno.test("the signal that ended it tells of the limit it is for", () => {
  const ended = (signal: string | null, exitCode: number | null, spec: SandboxSpec) =>
    denialByEnd({ signal, exitCode }, spec)?.dimension;
  assertEquals(ended("SIGXCPU", null, { cpu: 1 }), "cpu");
  assertEquals(ended(null, 152, { cpu: 1 }), "cpu");
  assertEquals(ended("SIGXCPU", null, none), undefined);
  assertEquals(ended("SIGSYS", null, none), "network");
  assertEquals(ended(null, 159, readonly), "filesystem");
  assertEquals(ended("SIGSYS", null, { memory: 1 }), undefined);
  assertEquals(ended("SIGKILL", null, { cpu: 1, network: "none" }), undefined);
});

Deno.test("each denial is reported once, with its line, and no more than twenty", async () => {
  const line = (n: number) => `touch: cannot touch '/etc/${n}': Read-only file system\n`;
  assertEquals(await denials(line(1) + line(1), readonly), ["filesystem /etc/1"]);
  const many = Array.from({ length: 100 }, (_, n) => line(n)).join("");
  assertEquals((await denials(many, readonly)).length, 20);
  const [denial] = await denialsInOutput("standard error", `\x07${line(1)}`, {
    enforced: readonly,
    workspace: "/w",
    cwd: "/w",
    writable: [],
    look: (real) => Promise.resolve({ real, state: "missing" }),
  });
  assertEquals(
    denial!.evidence,
    "standard error: touch: cannot touch '/etc/1': Read-only file system",
  );
});

Deno.test("hostile output is looked through in proportion to its length", async () => {
  const size = 256 * 1024;
  const filled = (piece: string) => piece.repeat(Math.ceil(size / piece.length)).slice(0, size);
  const pieces = [
    "a",
    "/",
    "a/",
    "'",
    "'/a",
    "a.",
    ":",
    "permission denied",
    "/a'permission denied: '/b",
    "1.1.1.1:enotfound ",
    "a:: name or service not known",
    `${"a.".repeat(300)} name or service not known `,
    "eagain fork ",
    "could not resolve ",
    "\\n/a: read-only file system",
  ];
  for (const piece of pieces) {
    const start = performance.now();
    await denials(filled(piece), { filesystem: "readonly", network: "none", pids: 1 });
    const took = performance.now() - start;
    assert(took < 1_000, `${JSON.stringify(piece)} took ${took} ms`);
  }
});
