import { shortScripts, testScripts } from "./scenario/scripts.ts";

testScripts(shortScripts, [2, 4]);
