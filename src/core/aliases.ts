/** Words that stand for a slot of an alias, e.g. `{person}`: `["patient_", "member_"]`. */
export type Vocabulary = Readonly<Record<string, readonly string[]>>;

/**
 * Every header form that an alias pattern stands for: each `{slot}` is replaced by each of its
 * words, in every combination. `{p}last_name` with p = ["", "pat_"] gives `last_name` and
 * `pat_last_name`.
 * @throws Error where a slot is not in the vocabulary: a defect of the schema files
 */
export function* expandAlias(pattern: string, vocabulary: Vocabulary): Generator<string> {
  const open = pattern.indexOf('{');
  if (open < 0) {
    yield pattern;
    return;
  }
  const close = pattern.indexOf('}', open);
  const words = vocabulary[pattern.slice(open + 1, close)];
  if (close < 0 || words === undefined) throw new Error('alias pattern with an unknown slot');
  const rest = [...expandAlias(pattern.slice(close + 1), vocabulary)];
  for (const word of words) {
    for (const tail of rest) yield pattern.slice(0, open) + word + tail;
  }
}

/**
 * What headers and aliases are compared by: a normalized form without its underscores, so that
 * `pat_first_name`, `pat_firstname` and `patfirstname` are one.
 */
export function comparable(normalized: string): string {
  return normalized.replaceAll('_', '');
}
