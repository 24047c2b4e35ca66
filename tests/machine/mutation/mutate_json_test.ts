import { hunt } from "./suite.ts";

hunt("eslint-json", "json", 1000);
hunt("stylelint-json", "json", 900);
hunt("rubocop-json", "json", 900);
hunt("deno-lint-json", "json", 700);
hunt("golangci-json", "json", 900);
hunt("shellcheck-json", "json", 800);
hunt("sarif", "json", 1200);
