import { shortScripts, testScripts } from "./scenario/scripts.ts";

testScripts(shortScripts, [0, 4]);
