import { hunt } from "./suite.ts";

hunt("generic-json", "json", 2000);
hunt("pytest-json-report", "json", 1200);
hunt("rspec-json", "json", 1000);
hunt("jest-json", "json", 1200);
hunt("mocha-json", "json", 1000);
