"""Shell lines, each of which writes outside: FILE, or `file` in FOLDER.

They stand in the command itself and not in the probe: a sandbox that wraps text and not an argv would hold
their first word only.
"""

from acts import act

LINES = {
    "shell_redirect": "true > FILE",
    "shell_and": "true && echo x > FILE",
    "shell_or": "false || echo x > FILE",
    "shell_semicolon": "true; echo x > FILE",
    "shell_pipe": "echo x | tee FILE >/dev/null",
    "shell_append": "echo x >> FILE",
    "shell_assignment": "FOO='a b' sh -c 'echo \"$FOO\" > \"$0\"' FILE",
    "shell_cd": "(cd FOLDER && echo x > file)",
    "shell_subshell": "(echo x > FILE)",
    "shell_braces": "{ echo x > FILE; }",
    "shell_background": "echo x > FILE & wait",
    "shell_here_document": "cat > FILE <<'END'\nit's \"x\"\nEND",
    "shell_backticks": ": `echo x > FILE`",
    "shell_dollar": ': "$(echo x > FILE)"',
    "shell_eval": "eval 'echo x > 'FILE",
    "shell_newline": "true\necho x > FILE",
}


def line_of(world, name):
    folder = f"{world}/{name}"
    return LINES[name].replace("FILE", f"{folder}/file").replace("FOLDER", folder)


def _in_the_command(_, __):
    raise AssertionError("the shell does it, before the probe starts")


for _name in LINES:
    _in_the_command.__name__ = _name
    act("filesystem")(_in_the_command)
