import { shortScripts, testScripts } from "./scenario/scripts.ts";

testScripts(shortScripts, [1, 4]);
