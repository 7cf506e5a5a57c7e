import { useState } from 'react';
import type { PageWalls } from '../../bridge/contract.ts';
import { Button } from 'react-aria-components/Button';
import { Sheet } from '../parts/ask.tsx';
import { Action, Check } from '../parts/controls.tsx';
import { InfoIcon, OpenShieldIcon, ShieldIcon, TickIcon, WarningIcon } from '../parts/icons.tsx';
import { Notice } from '../parts/notice.tsx';
import { useApp } from '../use-app.ts';
import { countOf } from '../words/format.ts';
import { openWallsStatement, wallLines } from '../words/page.ts';

/** What was tried around this page, and what came of it. */
function WallList({ walls }: { readonly walls: PageWalls }) {
  return (
    <ul className="walls">
      {wallLines(walls).map(({ name, holds, needed, words, close }) => (
        <li key={name} className={holds ? 'wall-holds' : needed ? 'wall-open' : 'wall-advice'}>
          {holds ? <TickIcon /> : needed ? <WarningIcon /> : <InfoIcon />}
          <div>
            <p className="wall-name">
              {name}: {holds ? 'holds' : needed ? 'open' : 'not sent'}
            </p>
            <p>{words}</p>
            {!holds && (
              <p>
                {needed ? 'To close it: ' : 'To add it: '}
                {close}
              </p>
            )}
          </div>
        </li>
      ))}
    </ul>
  );
}

/** The small badge at the top: whether anything could get out but by the upload. */
export function WallsBadge() {
  const { state } = useApp();
  const [open, setOpen] = useState(false);
  const { walls } = state;
  if (walls === null) return null;
  return (
    <>
      <Button
        className={`badge ${walls.hold ? 'badge-good' : 'badge-bad'}`}
        onPress={() => {
          setOpen(true);
        }}
      >
        {walls.hold ? <ShieldIcon /> : <OpenShieldIcon />}
        {walls.hold ? 'Walls hold' : 'Walls open'}
      </Button>
      <Sheet
        title={walls.hold ? 'The walls hold' : 'The walls are open'}
        open={open}
        onClose={() => {
          setOpen(false);
        }}
      >
        <div className="dialog-body">
          <p>
            Before any key is used, this page tries to break out of itself: it runs foreign code and
            calls a foreign address, here and in each worker. Only the browser’s own report of a
            violation counts as a wall.
          </p>
          <WallList walls={walls} />
          {walls.hold && (
            <p>
              What no page can promise: browser extensions and WebRTC are outside of these walls,
              and so is whoever controls this computer.
            </p>
          )}
        </div>
        <div className="actions actions-end">
          <Action
            kind="primary"
            onPress={() => {
              setOpen(false);
            }}
          >
            Close
          </Action>
        </div>
      </Sheet>
    </>
  );
}

/** In place of the drop area while walls are open and nobody has taken that upon themselves. */
export function OpenWalls({ walls }: { readonly walls: PageWalls }) {
  const { dispatch, state } = useApp();
  const waiting = state.early?.files.length ?? 0;
  const [confirmed, setConfirmed] = useState(false);
  return (
    <div className="stack">
      <Notice tone="error" title="The walls around this page are open">
        <p>
          Something that should be impossible here is possible. Close it before you drop a file with
          real people in it.
        </p>
        <WallList walls={walls} />
        {waiting > 0 && (
          <p>{countOf(waiting, 'file')} that you gave before will be taken once you go on.</p>
        )}
      </Notice>
      <Check isSelected={confirmed} onChange={setConfirmed}>
        {openWallsStatement}
      </Check>
      <div className="actions">
        <Action
          isDisabled={!confirmed}
          onPress={() => {
            dispatch({ type: 'wallsAcknowledged', yes: true });
          }}
        >
          Go on with open walls
        </Action>
      </div>
    </div>
  );
}
