import type { Preview } from '../../protocol.ts';

/** The first records as they will leave. */
export function Sample({ sample }: { readonly sample: Preview['sample'] }) {
  const { header, records } = sample;
  if (header.length === 0) return null;
  return (
    <div className="sample">
      <h3 id="sample-title">
        What will leave: the first{' '}
        {records.length === 1 ? 'record' : `${String(records.length)} records`}
      </h3>
      {records.length === 0 && <p className="quiet">The file has a header and no records.</p>}
      <div className="scroll" role="region" aria-labelledby="sample-title" tabIndex={0}>
        <table className="sample-table">
          <thead>
            <tr>
              {header.map((name, i) => (
                <th key={i} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {records.map((record, row) => (
              <tr key={row}>
                {header.map((_, i) => {
                  const cell = record[i] ?? '';
                  return (
                    <td key={i} className={/^[A-Z]{3}_•+$/.test(cell) ? 'cell-token' : undefined}>
                      {cell === '' ? <span className="cell-empty">empty</span> : cell}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}
