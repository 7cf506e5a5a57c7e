import { Input } from 'react-aria-components/Input';
import { Label } from 'react-aria-components/Label';
import { TextField } from 'react-aria-components/TextField';

interface SecretFieldProps {
  readonly label: string;
  readonly placeholder: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly onEnter: () => void;
}

/**
 * A field for a key or a token. It is an ordinary one on purpose: password managers and spell
 * checkers keep what is typed into others, and send it away. In no form: the server's `sandbox`
 * header keeps forms from being submitted, and from telling so.
 */
export function SecretField({ label, placeholder, value, onChange, onEnter }: SecretFieldProps) {
  return (
    <TextField
      className="field field-grow"
      value={value}
      onChange={onChange}
      onKeyDown={({ key }) => {
        if (key === 'Enter') onEnter();
      }}
      autoComplete="off"
      spellCheck="false"
      autoCorrect="off"
    >
      <Label className="field-label">{label}</Label>
      <Input
        className="input input-code"
        autoCapitalize="off"
        data-1p-ignore
        data-lpignore="true"
        placeholder={placeholder}
      />
    </TextField>
  );
}
