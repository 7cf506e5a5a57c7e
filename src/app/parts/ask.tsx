import { type ReactNode, useState } from 'react';
import { Dialog } from 'react-aria-components/Dialog';
import { Heading } from 'react-aria-components/Heading';
import { Modal, ModalOverlay } from 'react-aria-components/Modal';
import { Action, Check } from './controls.tsx';

interface SheetProps {
  readonly title: string;
  readonly open: boolean;
  readonly onClose: () => void;
  readonly children: ReactNode;
  /** It can only be left by one of its buttons. */
  readonly mustAnswer?: boolean;
}

/** Something over the page. Focus stays in it, and goes back where it was. */
export function Sheet({ title, open, onClose, children, mustAnswer = false }: SheetProps) {
  return (
    <ModalOverlay
      className="overlay"
      isOpen={open}
      isDismissable={!mustAnswer}
      isKeyboardDismissDisabled={mustAnswer}
      onOpenChange={(is) => {
        if (!is) onClose();
      }}
    >
      <Modal className="modal">
        <Dialog className="dialog" role={mustAnswer ? 'alertdialog' : 'dialog'}>
          <Heading slot="title" className="dialog-title">
            {title}
          </Heading>
          {children}
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}

interface ConfirmProps extends Omit<SheetProps, 'mustAnswer'> {
  /** What the person confirms by ticking a box, where the click alone is too easily made. */
  readonly statement?: string;
  readonly yes: string;
  readonly no?: string;
  readonly danger?: boolean;
  readonly onYes: () => void;
}

/** A question with a yes and a no. */
export function Confirm(props: ConfirmProps) {
  const { title, open, onClose, children, statement, yes, no = 'Cancel', danger, onYes } = props;
  return (
    <Sheet title={title} open={open} onClose={onClose}>
      <ConfirmBody key={String(open)} {...{ statement, yes, no, danger, onYes, onClose }}>
        {children}
      </ConfirmBody>
    </Sheet>
  );
}

interface BodyProps {
  readonly statement: string | undefined;
  readonly yes: string;
  readonly no: string;
  readonly danger: boolean | undefined;
  readonly onYes: () => void;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

function ConfirmBody({ statement, yes, no, danger, onYes, onClose, children }: BodyProps) {
  const [confirmed, setConfirmed] = useState(false);
  return (
    <>
      <div className="dialog-body">
        {children}
        {statement !== undefined && (
          <Check isSelected={confirmed} onChange={setConfirmed}>
            {statement}
          </Check>
        )}
      </div>
      <div className="actions actions-end">
        <Action onPress={onClose}>{no}</Action>
        <Action
          kind={danger === true ? 'danger' : 'primary'}
          isDisabled={statement !== undefined && !confirmed}
          onPress={() => {
            onYes();
            onClose();
          }}
        >
          {yes}
        </Action>
      </div>
    </>
  );
}
