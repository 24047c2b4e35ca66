import { type Project, sabotage } from "./suite.ts";

const spec = (...examples: string[]) => `RSpec.describe "Cart" do\n${examples.join("\n")}\nend\n`;
const honest = 'it("adds") { expect(1 + 1).to eq 2 }\nit("sums") { expect(3).to eq 3 }';
const fails = 'it("fails") { expect(1).to eq 2 }';
const command = "rspec --format json --out report.json";

const project: Project = {
  name: "rspec",
  probe: ["rspec", "--version"],
  files: { "spec/cart_spec.rb": spec(honest) },
  command,
  report: "report.json",
  format: "rspec-json",
  failing: { "spec/cart_spec.rb": spec(honest, fails) },
  selectNothing: "--example nothing",
  sabotages: [
    { name: "a suite without tests", files: { "spec/cart_spec.rb": spec() } },
    {
      name: "the only file is not collected",
      files: { "spec/cart_spec.rb": null, "spec/cart_specs.rb": spec(honest, fails) },
    },
    {
      name: "a pattern that leaves all out",
      files: { ".rspec": "--pattern nothing\n", "spec/cart_spec.rb": spec(honest, fails) },
    },
    {
      name: "exit!(0) at load",
      files: { "spec/cart_spec.rb": `exit!(0)\n${spec(honest, fails)}` },
    },
    { name: "exit(0) at load", files: { "spec/cart_spec.rb": `exit(0)\n${spec(honest, fails)}` } },
    {
      name: "exit!(0) in an example",
      files: { "spec/cart_spec.rb": spec(honest, 'it("exits") { exit!(0) }', fails) },
    },
    {
      name: "exit(0) in an example",
      files: { "spec/cart_spec.rb": spec(honest, 'it("exits") { exit(0) }', fails) },
    },
    {
      name: "exit!(0) before the suite",
      files: {
        "spec/cart_spec.rb": `RSpec.configure { |c| c.before(:suite) { exit!(0) } }\n${
          spec(honest, fails)
        }`,
      },
    },
    {
      name: "exit!(0) after the suite",
      files: {
        "spec/cart_spec.rb": `RSpec.configure { |c| c.after(:suite) { exit!(0) } }\n${spec(fails)}`,
      },
    },
    {
      name: "at_exit says 0",
      files: { "spec/cart_spec.rb": `at_exit { exit!(0) }\n${spec(honest, fails)}` },
    },
    {
      name: "failures are 0",
      files: {
        "spec/cart_spec.rb": `RSpec.configure { |c| c.failure_exit_code = 0 }\n${
          spec(honest, fails)
        }`,
      },
    },
    {
      name: "all are skipped",
      files: { "spec/cart_spec.rb": spec('xit("adds") { expect(1).to eq 2 }') },
    },
    {
      name: "all are pending and fail",
      files: { "spec/cart_spec.rb": spec('it("adds") { pending("later"); expect(1).to eq 2 }') },
    },
    {
      name: "all are filtered",
      files: {
        "spec/cart_spec.rb": `RSpec.configure { |c| c.filter_run_excluding(:all_of_them) }\n${
          spec('it("adds", :all_of_them) { expect(1).to eq 2 }')
        }`,
      },
    },
    {
      name: "wants to quit",
      files: {
        "spec/cart_spec.rb":
          `RSpec.configure { |c| c.before(:each) { RSpec.world.wants_to_quit = true }; c.failure_exit_code = 0 }\n${
            spec(fails, honest)
          }`,
      },
    },
    {
      name: "it does not load, || true",
      command: `${command} || true`,
      files: { "spec/cart_spec.rb": 'require "nothing_there"\n' },
    },
    {
      name: "errors are 0",
      files: {
        "spec/cart_spec.rb": spec(honest),
        "spec/other_spec.rb":
          'RSpec.configure { |c| c.error_exit_code = 0; c.failure_exit_code = 0 }\nrequire "nothing_there"\n',
      },
    },
  ],
};

sabotage(project);
