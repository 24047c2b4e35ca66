import { longScripts, testScripts } from "../scenario/scripts.ts";

testScripts(longScripts, [1, 4]);
