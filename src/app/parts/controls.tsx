import { type ReactNode, useId } from 'react';
import { Button, type ButtonProps } from 'react-aria-components/Button';
import {
  CheckboxButton,
  CheckboxField,
  type CheckboxFieldProps,
} from 'react-aria-components/Checkbox';
import { FileTrigger } from 'react-aria-components/FileTrigger';
import { Text } from 'react-aria-components/Text';

interface ActionProps extends Omit<ButtonProps, 'className' | 'style'> {
  readonly kind?: 'primary' | 'secondary' | 'quiet' | 'danger' | undefined;
  readonly small?: boolean | undefined;
}

/** A button; one `primary` one at most is on the screen at a time. */
export function Action({ kind = 'secondary', small = false, ...props }: ActionProps) {
  return <Button {...props} className={`button button-${kind}${small ? ' button-small' : ''}`} />;
}

interface PickProps {
  readonly label: string;
  readonly name?: string;
  readonly accept?: readonly string[];
  readonly several?: boolean;
  readonly kind?: ActionProps['kind'];
  readonly small?: boolean;
  readonly disabled?: boolean;
  readonly onFiles: (files: readonly File[]) => void;
}

/** A button that opens the system's file picker. */
export function PickFile({
  label,
  name,
  accept,
  several = false,
  disabled = false,
  onFiles,
  ...looks
}: PickProps) {
  return (
    <FileTrigger
      allowsMultiple={several}
      {...(accept === undefined ? {} : { acceptedFileTypes: accept })}
      onSelect={(list) => {
        if (list !== null && list.length > 0) onFiles([...list]);
      }}
    >
      <Action
        {...looks}
        isDisabled={disabled}
        {...(name === undefined ? {} : { 'aria-label': name })}
      >
        {label}
      </Action>
    </FileTrigger>
  );
}

interface CheckProps extends Omit<CheckboxFieldProps, 'className' | 'style' | 'children'> {
  readonly children: ReactNode;
  /** What follows from ticking it; read out after its words. */
  readonly hint?: string;
}

/** A box to tick, with its words beside it. */
export function Check({ children, hint, ...props }: CheckProps) {
  return (
    <CheckboxField {...props} className="check-field">
      <CheckboxButton className="check">
        <span className="check-box" aria-hidden>
          <svg viewBox="0 0 14 14" width="14" height="14">
            <path d="M2.5 7.4l3 3 6-6.6" />
          </svg>
        </span>
        <span className="check-label">{children}</span>
      </CheckboxButton>
      {hint !== undefined && (
        <Text slot="description" className="field-hint check-hint">
          {hint}
        </Text>
      )}
    </CheckboxField>
  );
}

interface ChoiceProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly children: ReactNode;
  readonly disabled?: boolean;
  /** The label is for those who do not see where the list stands. */
  readonly hideLabel?: boolean;
  readonly hint?: string;
}

/** A native list: it opens as people know it, also on a telephone. */
export function Choice({
  label,
  value,
  onChange,
  children,
  disabled = false,
  hideLabel = false,
  hint,
}: ChoiceProps) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id} className={hideLabel ? 'visually-hidden' : 'field-label'}>
        {label}
      </label>
      <span className="select">
        <select
          id={id}
          value={value}
          disabled={disabled}
          {...(hint === undefined ? {} : { 'aria-describedby': `${id}-hint` })}
          onChange={(event) => {
            onChange(event.target.value);
          }}
        >
          {children}
        </select>
      </span>
      {hint !== undefined && (
        <span id={`${id}-hint`} className="field-hint">
          {hint}
        </span>
      )}
    </div>
  );
}
