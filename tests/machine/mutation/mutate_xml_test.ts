import { hunt } from "./suite.ts";

hunt("junit-xml", "xml", 3600);
hunt("nunit-xml", "xml", 1300);
hunt("trx", "xml", 1300);
