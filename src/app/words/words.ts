/** What the page says of something that went wrong: what is the matter, and what to do. */
export interface Words {
  readonly what: string;
  readonly todo: string;
}
