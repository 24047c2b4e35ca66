import { longScripts, testScripts } from "../scenario/scripts.ts";

testScripts(longScripts, [3, 4]);
