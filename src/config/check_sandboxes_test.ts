import { assertEquals } from "@std/assert";
import { withFolder } from "../../tests/support.ts";
import { realIo } from "../real_io.ts";
import { sandboxPathProblems } from "./_check_sandboxes.ts";
import type { SandboxTable } from "./sandbox_schema.ts";

const { realPath } = realIo().fs;

/** The keys and messages of a sandbox in `work/project`, whose home is `home`, with links between them. */
async function problems(table: SandboxTable, home?: string): Promise<string[]> {
  let found: string[] = [];
  await withFolder(async (folder) => {
    const top = await Deno.realPath(folder);
    const root = `${top}/work/project`;
    await Deno.mkdir(`${root}/.assay`, { recursive: true });
    await Deno.mkdir(`${top}/home/secrets`, { recursive: true });
    await Deno.symlink(`${top}/home/secrets`, `${root}/link`);
    await Deno.symlink(root, `${top}/home/here`);
    await Deno.symlink(`${root}/.assay`, `${root}/evidence`);
    const base = { root, home: home ?? `${top}/home`, realPath };
    const all = await sandboxPathProblems(table, base);
    found = all.map(({ path, message }) => `${path.join(".")}: ${message}`);
  });
  return found;
}

Deno.test("paths that say what they mean are no problem", async () => {
  assertEquals(
    await problems({
      filesystem: "scoped_write",
      paths_writable: ["out", "link/new", "~/.cache", "a$b", "x~"],
      paths_hidden: ["~", "sub"],
      paths_readable: ["sub/open", "~/.cache", "~/secrets"],
      tmpfs: ["/tmp", "/var"],
    }),
    [],
  );
  assertEquals(
    await problems({ filesystem: "workspace_only", paths_writable: [".", ".."], tmpfs: true }),
    [],
  );
});

Deno.test("the project root is found behind links", async () => {
  const message = "is the project root, where the command runs";
  assertEquals(await problems({ paths_hidden: ["~/here"] }), [
    `paths_hidden.0: "~/here" ${message}`,
  ]);
  assertEquals(await problems({ paths_hidden: ["~/here/.."] }), [
    'paths_hidden.0: "~/here/.." contains the project root, where the command runs',
  ]);
  assertEquals(await problems({ tmpfs: ["~/here"] }), [
    'tmpfs.0: "~/here" is the project root, and the command would find it empty',
  ]);
});

Deno.test("one path is found under two names", async () => {
  assertEquals(
    await problems({
      filesystem: "scoped_write",
      paths_writable: ["link"],
      paths_hidden: ["~/secrets"],
    }),
    [
      'paths_writable.0: "link" is "~/secrets" in paths_hidden too; a path cannot be both writable ' +
      "and hidden",
    ],
  );
});

Deno.test("no command may be given assay's own folder to write", async () => {
  for (const path of [".assay", ".assay/runs", "evidence/new"]) {
    assertEquals(
      await problems({ filesystem: "workspace_only", paths_writable: [path] }),
      [`paths_writable.0: "${path}" belongs to assay, and no command may write it`],
    );
  }
  assertEquals(await problems({ tmpfs: ["~/here/.assay"] }), [
    'tmpfs.0: "~/here/.assay" belongs to assay, and no command may write it',
  ]);
  assertEquals(await problems({ paths_hidden: [".assay"] }), []);
});

Deno.test("the kernel's folders are neither writable nor emptied", async () => {
  const why =
    "is in /proc, /sys or /dev, which belong to the kernel; what programs need of them is " +
    "writable already";
  for (
    const path of ["/proc", "/proc/self", "/sys", "/sys/kernel", "/dev", "/dev/shm", "/dev/gone/x"]
  ) {
    assertEquals(await problems({ filesystem: "workspace_only", paths_writable: [path] }), [
      `paths_writable.0: "${path}" ${why}`,
    ]);
    assertEquals(await problems({ tmpfs: [path] }), [`tmpfs.0: "${path}" ${why}`]);
  }
  assertEquals(await problems({ tmpfs: ["/devices", "/srv"] }), []);
});

Deno.test("what every program needs cannot be hidden, by whichever name", async () => {
  const needed = [
    "/proc",
    "/dev",
    "/usr",
    "/bin",
    "/lib",
    "/lib64",
    "/etc/ld.so.cache",
    "/usr/bin",
  ];
  for (const path of [...needed, "/usr/../usr/"]) {
    assertEquals(await problems({ paths_hidden: [path] }), [
      `paths_hidden.0: "${path}" is hidden, and nothing could start without it`,
    ]);
  }
  assertEquals((await problems({ paths_hidden: ["/"] })).length, 1);
  assertEquals(
    await problems({ paths_hidden: ["/sys", "/proc/cmdline", "/usr/share", "/etc"] }),
    [],
  );
});

Deno.test("~ needs a HOME", async () => {
  const message = '"~/x": HOME is not set, so ~ has no meaning';
  for (const home of ["", "relative"]) {
    assertEquals(await problems({ paths_hidden: ["~/x", "y"] }, home), [
      `paths_hidden.0: ${message}`,
    ]);
  }
});
