import { equalBytes } from './bytes';
import { headOf, stepCount, STEP_SIZE, steps, TOKENIZE } from './columns';
import { slotOf, touchRecord, touchSlot } from './table';

/**
 * Looks ahead: what the tokenized cells of some records will be looked up by is fetched before it is
 * needed. Memory answers late, but it answers a dozen questions at a time; asked one after the
 * other, in the middle of other work, most of the time would go by with waiting.
 * Nothing depends on what is foreseen but speed.
 */
/** Cells of a record: they lead to the others, whose records lie beside theirs. */
const ANCHORS: u32 = 3;
const FORESEEN: u32 = 512;
const list: usize = memory.data(4 * 512, 16);
let count: u32 = 0;
let touched: u32 = 0;

/** Whether there is room for one more record. */
export function mayForesee(): bool {
  return count + stepCount <= FORESEEN;
}

/**
 * Notes what the cells of a record will be looked up by, where they differ from those above.
 * @param from where the segment begins
 * @param ends its field ends
 */
export function foreseeRecord(from: usize, ends: usize, first: usize): void {
  let start = first;
  const until = count + ANCHORS;
  const lastStep = steps + <usize>stepCount * STEP_SIZE;
  for (let step = steps; step < lastStep; step += STEP_SIZE) {
    const end = from + load<u32>(ends + (<usize>load<u32>(step, 8) << 2));
    const length = end - start;
    if (load<u32>(step) == TOKENIZE && length != 0) {
      const column = <usize>load<u32>(step, 12);
      const same =
        length == <usize>load<u32>(column, 104) &&
        equalBytes(<usize>load<u32>(column, 100), start, length);
      if (!same) {
        store<u32>(column, <u32>start, 100);
        store<u32>(column, <u32>length, 104);
        store<u32>(list + (<usize>count << 2), slotOf(start, length, headOf(column)));
        count += 1;
        if (count == until) return;
      }
    }
    start = end + 1;
  }
}

/** Fetches what was noted. */
export function fetchForeseen(): void {
  let sum: u32 = 0;
  for (let i: u32 = 0; i < count; i += 1) sum ^= touchSlot(load<u32>(list + (<usize>i << 2)));
  for (let i: u32 = 0; i < count; i += 1) sum ^= touchRecord(load<u32>(list + (<usize>i << 2)));
  touched = sum;
  count = 0;
}
