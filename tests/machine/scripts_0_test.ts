import { longScripts, testScripts } from "../scenario/scripts.ts";

testScripts(longScripts, [0, 4]);
