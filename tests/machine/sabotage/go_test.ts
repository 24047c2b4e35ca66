import { type Project, sabotage } from "./suite.ts";

const head = 'package shop\n\nimport (\n\t"os"\n\t"testing"\n)\n\nvar _ = os.Args\n\n';
const honest = "func TestAdds(t *testing.T) {}\nfunc TestSums(t *testing.T) {}\n";
const fails = 'func TestZFails(t *testing.T) { t.Fatal("no") }\n';
const command = "go test -json -count=1 ./... > report.jsonl";

const project: Project = {
  name: "go",
  probe: ["go", "version"],
  files: {
    "go.mod": "module example.com/shop\n\ngo 1.19\n",
    "cart.go": "package shop\n",
    "cart_test.go": head + honest,
  },
  command,
  report: "report.jsonl",
  format: "go-test-json",
  failing: { "cart_test.go": head + honest + fails },
  selectNothing: "-run nothing",
  sabotages: [
    { name: "a suite without tests", files: { "cart_test.go": head.replace('\n\t"testing"', "") } },
    {
      name: "the only file is not collected",
      files: { "cart_test.go": null, "cart_tests.go": head + honest + fails },
    },
    {
      name: "a build tag leaves the file out",
      files: { "cart_test.go": `//go:build never\n\n${head}${honest}${fails}` },
    },
    {
      name: "TestMain runs nothing",
      files: {
        "cart_test.go": `${head}func TestMain(m *testing.M) { os.Exit(0) }\n${honest}${fails}`,
      },
    },
    {
      name: "TestMain says 0",
      files: {
        "cart_test.go":
          `${head}func TestMain(m *testing.M) { m.Run(); os.Exit(0) }\n${honest}${fails}`,
      },
    },
    {
      name: "os.Exit(0) at init",
      files: { "cart_test.go": `${head}func init() { os.Exit(0) }\n${honest}${fails}` },
    },
    {
      name: "os.Exit(0) in a test",
      files: {
        "cart_test.go": `${head}${honest}func TestExit(t *testing.T) { os.Exit(0) }\n${fails}`,
      },
    },
    {
      name: "os.Exit(0) in a goroutine",
      files: {
        "cart_test.go":
          `${head}${honest}func TestExit(t *testing.T) { go os.Exit(0); select {} }\n${fails}`,
      },
    },
    {
      name: "all are skipped",
      files: {
        "cart_test.go": `${head}func TestAdds(t *testing.T) { t.Skip("later"); t.Fatal("no") }\n`,
      },
    },
    {
      name: "benchmarks alone",
      files: { "cart_test.go": `${head}func BenchmarkAdds(b *testing.B) { b.Fatal("no") }\n` },
    },
    {
      name: "a name that is no test",
      files: { "cart_test.go": `${head}func Testadds(t *testing.T) { t.Fatal("no") }\n` },
    },
    {
      name: "-list",
      command: "go test -json -list . ./... > report.jsonl",
      files: { "cart_test.go": head + fails },
    },
    {
      name: "-c",
      command: "go test -c -o /dev/null ./... && : > report.jsonl",
      files: { "cart_test.go": head + fails },
    },
    {
      name: "-count=0",
      command: "go test -json -count=0 ./... > report.jsonl",
      files: { "cart_test.go": head + fails },
    },
    {
      name: "it does not build, || true",
      command: `${command} || true`,
      files: { "cart.go": "package shop\nvar x int = true\n" },
    },
    {
      name: "another package",
      command: "mkdir -p none && go test -json ./none/... > report.jsonl 2>/dev/null || true",
    },
    {
      name: "the failing lines are left out",
      command: `go test -json -count=1 ./... | grep -v -i fail > report.jsonl`,
      files: { "cart_test.go": head + honest + fails },
    },
  ],
};

sabotage(project);
