import { longScripts, testScripts } from "../scenario/scripts.ts";

testScripts(longScripts, [2, 4]);
