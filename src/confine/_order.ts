/** What the hidden verb is told to do, and the reading of it: whatever is not understood is refused. */

/** Rights on files, TCP and scopes that are taken away, and the paths where some are given back. */
export interface LandlockOrder {
  /** Rights on files that are taken away everywhere, by the kernel's names in small letters. */
  readonly fs: readonly string[];
  readonly net: readonly string[];
  readonly scopes: readonly string[];
  /** Rights given back, and the paths where they are. */
  readonly rules: readonly (readonly [rights: readonly string[], paths: readonly string[]])[];
}

/** The limits of one program. */
export interface Order {
  readonly landlock?: LandlockOrder;
  /** `struct sock_filter[]`. */
  readonly seccomp?: Uint8Array<ArrayBuffer>;
  /** Say on standard output, before the program runs, what the kernel has and lets this process do. */
  readonly report: boolean;
}

/** The verb's arguments: the order and the program it is for. */
export interface Call {
  readonly order: Order;
  readonly argv: readonly string[];
}

type Table = Readonly<Record<string, unknown>>;

/** Reads `ORDER -- argv…`; throws when anything of it is not as it must be. */
export function readCall(args: readonly string[]): Call {
  const [text, separator, ...argv] = args;
  if (text === undefined || separator !== "--" || argv.length === 0) {
    throw new Error("it is assay's own way to start a command, and called in no other way");
  }
  return { order: readOrder(JSON.parse(text)), argv };
}

function readOrder(value: unknown): Order {
  const { landlock, seccomp, report = false } = table(value, ["landlock", "seccomp", "report"]);
  if (typeof report !== "boolean") throw new Error("the order's report must be true or false");
  return {
    ...(landlock === undefined ? {} : { landlock: readLandlock(landlock) }),
    ...(seccomp === undefined ? {} : { seccomp: readFilter(seccomp) }),
    report,
  };
}

function readLandlock(value: unknown): LandlockOrder {
  const { fs, net, scopes, rules } = table(value, ["fs", "net", "scopes", "rules"]);
  return {
    fs: texts(fs),
    net: texts(net),
    scopes: texts(scopes),
    rules: list(rules).map((rule) => {
      const [rights, paths, ...more] = list(rule);
      if (more.length > 0) throw new Error("a rule of the order has more than rights and paths");
      return [texts(rights), texts(paths)] as const;
    }),
  };
}

/** Base64 of whole instructions, 8 bytes each, at least one. */
function readFilter(value: unknown): Uint8Array<ArrayBuffer> {
  if (typeof value !== "string") throw new Error("the order's seccomp must be text");
  const bytes = Uint8Array.from(atob(value), (char) => char.charCodeAt(0));
  if (bytes.length === 0 || bytes.length % 8 !== 0) {
    throw new Error(`the order's filter has ${bytes.length} bytes, not a multiple of 8`);
  }
  return bytes;
}

function table(value: unknown, keys: readonly string[]): Table {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new Error("the order holds something else than the table it must");
  }
  const unknown = Object.keys(value).find((key) => !keys.includes(key));
  if (unknown !== undefined) throw new Error(`the order has an unknown key "${unknown}"`);
  return value as Table;
}

function list(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) {
    throw new Error("the order holds something else than the list it must");
  }
  return value;
}

function texts(value: unknown): readonly string[] {
  return list(value).map((each) => {
    if (typeof each !== "string") throw new Error("a list of the order holds something not text");
    return each;
  });
}
