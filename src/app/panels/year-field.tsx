import { useState } from 'react';
import { FieldError } from 'react-aria-components/FieldError';
import { Input } from 'react-aria-components/Input';
import { Label } from 'react-aria-components/Label';
import { TextField } from 'react-aria-components/TextField';

interface YearFieldProps {
  readonly value: number | undefined;
  readonly disabled: boolean;
  readonly onChange: (year: number) => void;
}

const isYear = (text: string) =>
  /^\d{4}$/.test(text) && Number(text) >= 1900 && Number(text) <= 2100;

/** The year that Safe Harbor counts ages back from. Only a valid one is handed on. */
export function YearField({ value, disabled, onChange }: YearFieldProps) {
  const [text, setText] = useState(value === undefined ? '' : String(value));
  return (
    <TextField
      className="field field-year"
      value={text}
      isDisabled={disabled}
      isInvalid={!isYear(text)}
      inputMode="numeric"
      onChange={(next) => {
        setText(next);
        if (isYear(next)) onChange(Number(next));
      }}
    >
      <Label className="field-label">Reference year</Label>
      <Input className="input input-short" maxLength={4} autoComplete="off" />
      <FieldError className="field-error">A year from 1900 to 2100</FieldError>
    </TextField>
  );
}
