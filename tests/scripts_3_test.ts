import { shortScripts, testScripts } from "./scenario/scripts.ts";

testScripts(shortScripts, [3, 4]);
