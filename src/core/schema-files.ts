/** Generated from schemas/*.schema.json by scripts/schema-types.mjs: not to be edited. */
export interface CatalogueFile {
  $schema?: string;
  version: string;
  /**
   * Words that stand for a slot {name} of an alias. A word may be empty or end in an underscore.
   */
  vocabulary: {
    /**
     * @minItems 1
     */
    [k: string]: string[];
  };
  /**
   * @minItems 1
   */
  columns: {
    name: string;
    title: string;
    /**
     * Identifier class of 45 CFR 164.514(b)(2)(i); null for published NPIs and for free text, which may hold any.
     */
    class:
      | 'A'
      | 'B'
      | 'C'
      | 'D'
      | 'E'
      | 'F'
      | 'G'
      | 'H'
      | 'I'
      | 'J'
      | 'K'
      | 'L'
      | 'M'
      | 'N'
      | 'O'
      | 'P'
      | 'Q'
      | 'R'
      | null;
    prefix?: string;
    action: 'tokenize' | 'generalize' | 'drop' | 'keep';
    rule?: 'year' | 'zip3';
    /**
     * Applied only under the Safe Harbor option.
     */
    safeHarborRule?: 'age90';
    /**
     * A birth date, whose year Safe Harbor caps.
     */
    birth?: true;
    /**
     * A product may keep the column.
     */
    relaxable?: true;
    aliases: string[];
    /**
     * Headers that say that the values are three-digit ZIP areas already.
     */
    generalizedAliases?: string[];
  }[];
}

export interface AnalyticsFile {
  $schema?: string;
  version: string;
  /**
   * Words that stand for a slot {name} of an alias. A word may be empty or end in an underscore.
   */
  vocabulary: {
    /**
     * @minItems 1
     */
    [k: string]: string[];
  };
  /**
   * @minItems 1
   */
  columns: {
    name: string;
    title: string;
    aliases: string[];
  }[];
}

export interface ProductFile {
  $schema?: string;
  slug: string;
  title: string;
  description: string;
  version: string;
  /**
   * Names of columns of analytics.json.
   */
  analytics: string[];
  /**
   * Relaxable columns of the catalogue that this product keeps.
   */
  relax: string[];
  /**
   * Analytics columns of this product alone; aliases may use the vocabulary of analytics.json.
   */
  columns?: {
    name: string;
    title: string;
    aliases: string[];
  }[];
}

/**
 * The algorithm is in docs/headers.md.
 */
export interface SuspectFile {
  $schema?: string;
  version: string;
  /**
   * A longer normalized header is suspect.
   */
  longest: number;
  /**
   * Normalized headers that say too little.
   */
  whole: {
    /**
     * @minItems 1
     */
    words: string[];
    /**
     * Catalogue columns, likeliest first.
     *
     * @minItems 1
     */
    suggest: string[];
  }[];
  /**
   * Parts between underscores, e.g. X12 elements.
   */
  pieces: {
    /**
     * @minItems 1
     */
    words: string[];
    /**
     * Catalogue columns, likeliest first.
     *
     * @minItems 1
     */
    suggest: string[];
  }[];
  /**
   * Words whose owner can only stand before them: number of members is a count.
   *
   * @minItems 1
   */
  counters: string[];
  owners: {
    kind: string;
    /**
     * @minItems 1
     */
    words: string[];
  }[];
  rules: {
    id: string;
    /**
     * @minItems 1
     */
    words: string[];
    /**
     * @minItems 1
     */
    with?: string[];
    /**
     * @minItems 1
     */
    unless?: string[];
    /**
     * Only where the header has no other word.
     */
    alone?: true;
    /**
     * @minItems 1
     */
    owners?: string[];
    /**
     * @minItems 1
     */
    notOwners?: string[];
    /**
     * Catalogue columns, likeliest first.
     *
     * @minItems 1
     */
    suggest: string[];
  }[];
  /**
   * Last words of headers that describe an identifier without being one.
   */
  endings: string[];
  /**
   * Words known only so that run-together headers split rightly.
   *
   * @minItems 1
   */
  fillers: string[];
  /**
   * Words looked for at the ends of a run of letters that does not split.
   *
   * @minItems 1
   */
  edges: string[];
}
