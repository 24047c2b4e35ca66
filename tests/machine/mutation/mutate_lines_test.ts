import { hunt } from "./suite.ts";

hunt("tap", "lines", 1600);
hunt("go-test-json", "lines", 1200);
hunt("cargo-json", "lines", 1800);
hunt("text", "lines", 400);
