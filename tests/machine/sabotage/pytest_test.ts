import { type Project, sabotage } from "./suite.ts";

const head = "import os, sys, pytest\n";
const honest = "def test_adds(): assert 1 + 1 == 2\ndef test_sums(): pass\n";
const fails = "def test_zz_fails(): assert 1 == 2\n";
const command = "/usr/bin/python3 -m pytest -q --junit-xml=report.xml";

const project: Project = {
  name: "pytest",
  probe: ["/usr/bin/python3", "-c", "import pytest"],
  files: { "test_cart.py": head + honest },
  command,
  report: "report.xml",
  format: "junit-xml",
  failing: { "test_cart.py": head + honest + fails },
  selectNothing: "-k nothing",
  sabotages: [
    { name: "a suite without tests", files: { "test_cart.py": head } },
    {
      name: "the only file is not collected",
      files: { "test_cart.py": null, "cart_tests.py": head + honest },
    },
    {
      name: "the only file is not collected, || true",
      command: `${command} || true`,
      files: { "test_cart.py": null, "cart_tests.py": head + honest },
    },
    {
      name: "--collect-only",
      command: `${command} --collect-only`,
      files: { "test_cart.py": head + honest + fails },
    },
    { name: "os._exit(0) at import", files: { "test_cart.py": `${head}os._exit(0)\n${honest}` } },
    { name: "sys.exit(0) at import", files: { "test_cart.py": `${head}sys.exit(0)\n${honest}` } },
    {
      name: "os._exit(0) in a test",
      files: { "test_cart.py": `${head}${honest}def test_exit(): os._exit(0)\n${fails}` },
    },
    {
      name: "pytest.exit(returncode=0) in a test",
      files: {
        "test_cart.py":
          `${head}${honest}def test_exit(): pytest.exit('done', returncode=0)\n${fails}`,
      },
    },
    {
      name: "pytest.exit(returncode=0) in the first test",
      files: {
        "test_cart.py":
          `${head}def test_exit(): pytest.exit('done', returncode=0)\n${honest}${fails}`,
      },
    },
    {
      name: "pytest.exit(returncode=0) in conftest",
      files: { "conftest.py": "import pytest\npytest.exit('done', returncode=0)\n" },
    },
    {
      name: "os._exit(0) when the session ends",
      files: {
        "conftest.py": "import os\ndef pytest_sessionfinish(): os._exit(0)\n",
        "test_cart.py": head + fails,
      },
    },
    {
      name: "the session says 0",
      files: {
        "conftest.py": "def pytest_sessionfinish(session): session.exitstatus = 0\n",
        "test_cart.py": head + honest + fails,
      },
    },
    {
      name: "the items are cleared",
      command: `${command} || true`,
      files: { "conftest.py": "def pytest_collection_modifyitems(items): items.clear()\n" },
    },
    {
      name: "all are ignored",
      command: `${command} || true`,
      files: { "pytest.ini": "[pytest]\naddopts = --ignore-glob=*\n" },
    },
    {
      name: "all are ignored by conftest",
      command: `${command}; exit 0`,
      files: { "conftest.py": "collect_ignore_glob = ['*']\n" },
    },
    {
      name: "all are skipped",
      files: {
        "test_cart.py": `${head}pytestmark = pytest.mark.skip(reason='later')\n${honest}${fails}`,
      },
    },
    {
      name: "all are expected to fail",
      files: { "test_cart.py": `${head}pytestmark = pytest.mark.xfail\n${fails}` },
    },
    {
      name: "the module skips itself",
      files: { "test_cart.py": `${head}pytest.skip('later', allow_module_level=True)\n${honest}` },
    },
    {
      name: "a class that is no test",
      files: { "test_cart.py": "class Cart:\n  def test_adds(self): assert 1 == 2\n" },
    },
  ],
};

sabotage(project);
