import type { TestReportEvent } from "assay/plugin";
import type { Message } from "./message.ts";

/** A test that has begun. */
interface Open {
  readonly name: string;
  readonly suite: string | undefined;
  failure?: { readonly message?: string; readonly details?: string };
  ignored?: string;
}

/** Makes tests of messages. Tests of different flows (`flowId`) may run at the same time. */
export class TestReader {
  readonly #suites = new Map<string, string[]>();
  readonly #tests = new Map<string, Open>();

  *read({ name, values }: Message): Generator<TestReportEvent> {
    const flow = values.flowId ?? "";
    const key = `${flow}\n${values.name ?? ""}`;
    const suites = this.#suites.get(flow) ?? [];
    this.#suites.set(flow, suites);
    if (name === "testSuiteStarted") suites.push(values.name ?? "");
    if (name === "testSuiteFinished") suites.pop();
    if (name === "testStarted") {
      this.#tests.set(key, { name: values.name ?? "", suite: suites.at(-1) });
    }
    const test = this.#tests.get(key);
    // Some tools report an ignored test without ever starting it.
    if (name === "testIgnored" && !test) {
      yield { kind: "test", status: "skipped", name: values.name ?? "", ...suiteOf(suites.at(-1)) };
    }
    if (!test) return;
    if (name === "testFailed") {
      test.failure = {
        ...values.message === undefined ? {} : { message: values.message },
        ...values.details === undefined ? {} : { details: values.details },
      };
    }
    if (name === "testIgnored") test.ignored = values.message ?? "";
    if (name === "testFinished") {
      this.#tests.delete(key);
      yield finished(test, values.duration);
    }
  }

  /** The name of a test that never ended. */
  open(): string | undefined {
    return this.#tests.values().next().value?.name;
  }
}

function suiteOf(suite: string | undefined) {
  return suite === undefined ? {} : { suite };
}

function finished(
  { name, suite, failure, ignored }: Open,
  duration: string | undefined,
): TestReportEvent {
  const durationMs = Number(duration);
  return {
    kind: "test",
    name,
    ...suiteOf(suite),
    status: failure ? "failed" : ignored === undefined ? "passed" : "skipped",
    ...failure ?? (ignored ? { message: ignored } : {}),
    ...(duration !== undefined && Number.isFinite(durationMs) ? { durationMs } : {}),
  };
}
