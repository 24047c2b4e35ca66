import { testScripts } from "./scenario/scripts.ts";

testScripts("second");
