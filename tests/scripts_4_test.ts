import { testScripts } from "./scenario/scripts.ts";

testScripts(4);
