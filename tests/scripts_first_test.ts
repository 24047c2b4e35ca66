import { testScripts } from "./scenario/scripts.ts";

testScripts("first");
