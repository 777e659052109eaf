// The report, its versions, composing it and the preview of its exit.
