import type { ErrorPlace, PlainVaultError, VaultErrorCode } from '../../protocol.ts';
import { uploadWords } from './upload-errors.ts';
import type { Words } from './words.ts';

/** The words of every error, by its code; a code without words does not compile. */
const byCode: Readonly<Record<VaultErrorCode, Words>> = {
  'option-invalid': {
    what: 'That setting does not fit this file.',
    todo: 'It was not taken over. Choose another one.',
  },
  'secret-missing': { what: 'There is no key yet.', todo: 'Give a key, or generate one.' },
  'secret-invalid': {
    what: 'That is no key.',
    todo: 'A key is 64 hexadecimal characters (0–9 and a–f), nothing else. Look for the whole line of the key file, without quotes or a name before it.',
  },
  'product-unknown': {
    what: 'This product is not known here.',
    todo: 'Choose one from the list.',
  },
  'input-unreadable': {
    what: 'The file could not be read.',
    todo: 'It may have been changed, moved or locked since you chose it, or its gzip data are damaged. Close it in other programs and choose it again.',
  },
  empty: {
    what: 'The file is empty.',
    todo: 'Not even a header row was found. Check that the right file was exported.',
  },
  'not-text': {
    what: 'This is no text file.',
    todo: 'Export it as CSV. If it is UTF-16 without a byte order mark, set the encoding by hand.',
  },
  'encoding-invalid': {
    what: 'The file is not in the encoding that it seemed to be.',
    todo: 'Files from older Windows programs are often windows-1252. Nothing was written: a wrong encoding would give tokens that join with nothing.',
  },
  'header-too-long': {
    what: 'The header row does not end within the first 64 KB.',
    todo: 'Usually a quote in the first line is never closed. Mend it and choose the file again.',
  },
  'header-not-accepted': {
    what: 'The first line may be data rather than column names.',
    todo: 'Say in the review whether it is a header. If there is none, add one.',
  },
  ragged: {
    what: 'A record has more or fewer fields than the header.',
    todo: 'Values may have shifted into other columns, so nothing was written. Look at that line: often a delimiter inside a value is not quoted. Mend it and choose the file again.',
  },
  'quote-unterminated': {
    what: 'A quoted field is opened and never closed.',
    todo: 'The line named is where it opens. Close the quote and choose the file again.',
  },
  'quote-text-after': {
    what: 'There is text right after a closing quote.',
    todo: 'A quote inside a quoted field has to be doubled (""). Mend that line and choose the file again.',
  },
  'record-too-long': {
    what: 'One record is longer than 16 MB.',
    todo: 'Usually a quote is never closed, so that the rest of the file looks like one field. Look at the line where it begins.',
  },
  'tokens-found': {
    what: 'Some cells are tokens already.',
    todo: 'This file seems to have been tokenized before, perhaps with another key. Take the original; or, if the tokens are yours and belong there, leave them as they are.',
  },
  'suspect-undecided': {
    what: 'A column that looks like an identifier is not decided.',
    todo: 'Decide it in the review: what it is, or leave it out.',
  },
  'unknown-columns': {
    what: 'Some columns are not decided.',
    todo: 'Say in the review what becomes of each.',
  },
  'no-columns-left': {
    what: 'Every column is left out.',
    todo: 'Keep at least one, or there is no file.',
  },
  'output-check': {
    what: 'The finished file did not pass its final check, so it was thrown away.',
    todo: 'A column that is kept holds something like an SSN or an e-mail address. Go back to the review and say what this column is, or leave it out.',
  },
  'token-collision': {
    what: 'Two different values gave the same token.',
    todo: 'By chance this happens about three times in a million files of ten million values. Nothing was written. Split the file and run the parts.',
  },
  'map-invalid': {
    what: 'That is no local map, or it breaks off.',
    todo: 'Choose the .map.json file that was saved when the file was tokenized.',
  },
  'output-exists': {
    what: 'There is a file of that name already.',
    todo: 'Save under another name.',
  },
  'output-is-input': {
    what: 'That would overwrite the file that is being read.',
    todo: 'Save under another name.',
  },
  'output-unwritable': {
    what: 'The file could not be written.',
    todo: 'Check that the folder can be written to and has room, then save again.',
  },
  'output-closed': {
    what: 'Whatever was to take the file went away.',
    todo: 'Save again.',
  },
  'mapping-invalid': {
    what: 'These saved decisions cannot be used for this file.',
    todo: 'Take the decisions that were saved for a file with the same headers.',
  },
  'browser-unsupported': {
    what: 'This browser lacks something that a run needs.',
    todo: 'Use a current Chrome or Edge, outside a private window.',
  },
  'walls-open': {
    what: 'The walls around the page are open, so no key was handed over.',
    todo: 'Open the badge at the top: it says what is open and how to close it.',
  },
  'storage-full': {
    what: 'There is not enough room.',
    todo: 'The result is kept on this disk until you save it, beside what other sites keep there. Free some space, or clear earlier results, then start again.',
  },
  'worker-ended': {
    what: 'The background worker ended unexpectedly.',
    todo: 'Nothing is left running and nothing was sent. Close other heavy tabs and start again.',
  },
  'upload-refused': {
    what: 'The receiver refused the file.',
    todo: 'Ask the receiver what it expects.',
  },
  'upload-unreachable': {
    what: 'The receiver could not be reached.',
    todo: 'This computer may be offline, or a firewall is in between, or the receiver does not allow uploads from this page’s address (CORS): a browser cannot tell these apart. Nothing was taken. Try again, or send the saved file with the command below.',
  },
  'upload-unanswered': {
    what: 'The whole file was sent, but no answer came.',
    todo: 'It may have arrived. Ask the receiver before you send it again, or it may be there twice.',
  },
  'request-refused': {
    what: 'The receiver refused the request.',
    todo: 'Ask the receiver what it expects.',
  },
  'receiver-unusable': {
    what: 'The receiver cannot work as it is set up.',
    todo: 'Tell whoever runs the receiver.',
  },
  cancelled: { what: 'Cancelled.', todo: 'What had been written was removed.' },
  internal: {
    what: 'Something went wrong inside the tokenizer.',
    todo: 'Nothing was sent. Start again; if it happens again, tell whoever runs this page.',
  },
};

/** Words for errors of one code that differ by the rule that was broken. */
const byRule: Readonly<Partial<Record<string, Words>>> = {
  'not-text:archive': {
    what: 'This is an Excel workbook or a zip archive under another name.',
    todo: 'In Excel, choose “Save as” and “CSV UTF-8”. Unpack an archive first.',
  },
  'output-check:rows': {
    what: 'The finished file has not as many rows as came in, so it was thrown away.',
    todo: 'This should never happen. Start again; if it happens again, tell whoever runs this page.',
  },
  'mapping-invalid:other-headers': {
    what: 'These decisions name a column that this file does not have.',
    todo: 'They were saved for other headers. Nothing was taken over.',
  },
  'option-invalid:loosen': {
    what: 'A known identifier cannot be treated less strictly.',
    todo: 'It can be left out, or taken for another identifier that is treated as strictly.',
  },
  'storage-full:no-picker': {
    what: 'This is more than this browser can save.',
    todo: 'It cannot write a large file bit by bit where you choose. Use Chrome or Edge, or the command line, or split the file.',
  },
  'secret-invalid:key-file-size': {
    what: 'That file is too large to be a key.',
    todo: 'A key file holds one line of 64 hexadecimal characters.',
  },
};

/** What an error means and what to do about it. Only documented words: nothing from the data. */
export function wordsFor({ code, rule, message }: PlainVaultError): Words {
  if (code === 'upload-refused') return uploadWords(rule, message) ?? byCode[code];
  return byRule[`${code}:${rule ?? ''}`] ?? byCode[code];
}

/** `Line 12, column 3 “Plan”`, as far as the place is known; else nothing. */
export function placeOf({ line, row, column, header }: ErrorPlace): string {
  const parts = [
    ...(line === undefined ? [] : [`line ${String(line)}`]),
    ...(row === undefined ? [] : [`row ${String(row)}`]),
    ...(column === undefined
      ? []
      : [`column ${String(column)}${header === undefined ? '' : ` “${shorten(header)}”`}`]),
  ];
  const text = parts.join(', ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** A header as text that cannot run away with the page. */
export function shorten(header: string, longest = 60): string {
  const characters = Array.from(header.replace(/\s+/g, ' '));
  return characters.length > longest
    ? `${characters.slice(0, longest - 1).join('')}…`
    : characters.join('');
}
