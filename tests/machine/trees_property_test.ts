import { gitTest } from "../git_project.ts";
import { checkTrees } from "../trees.ts";

for (const format of ["sha1", "sha256"]) {
  gitTest(
    `the tree is the one that git add --all would store (${format})`,
    (project) => checkTrees(project, 400),
    [`--object-format=${format}`],
  );
}
