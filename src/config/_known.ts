/** What the names in runners and commands are checked against. */
export interface Known {
  /** Every `result_format` there is. */
  readonly formats: readonly string[];
  /** Keys of the tables that extensions claim, save those that are fields of every runner. */
  readonly extensionKeys: readonly string[];
}
