import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { withAdministrator } from '../../../src/server/store/postgres.ts';
import type { Place } from './databases.ts';

/**
 * Runs statements one after another as the superuser, whom neither rights nor row-level security
 * bind: what somebody with access to the disk can do. Nobody may have the database open meanwhile.
 * @returns the rows of the last one
 */
export async function asAdministrator<Row>(
  place: Place,
  ...statements: readonly string[]
): Promise<Row[]> {
  let rows: Row[] = [];
  if (place.administratorUrl !== null) {
    return withAdministrator(place.administratorUrl, async (runner) => {
      for (const statement of statements) rows = await runner.query<Row>(statement);
      return rows;
    });
  }
  const database = await PGlite.create({ dataDir: join(place.folder, 'database') });
  try {
    for (const statement of statements) rows = (await database.query<Row>(statement)).rows;
    return rows;
  } finally {
    await database.close();
  }
}
