// The names that a template may call, apart from their implementations, so that syntax and values can hold them.

/// The functions that every template sees.
enum JinjaFunction: String, CaseIterable {
    case range, dict, namespace
    case raiseException = "raise_exception"
    case strftimeNow = "strftime_now"
    case cycler, joiner, lipsum
}

/// The filters of Jinja: `value | filter`.
enum JinjaFilter: String, Sendable {
    // On text.
    case upper, lower, capitalize, title, trim, replace, string, safe, e, escape, forceescape, indent, center
    case format, truncate, wordcount, tojson
    // On numbers.
    case abs, int, float, round
    // On rows of values.
    case length, count, first, last, join, list, reverse, sort, unique, sum, min, max, batch, items, dictsort
    case map, select, reject, selectattr, rejectattr, attr
    case `default`, d
}

/// The tests of Jinja: `value is test`.
enum JinjaTest: String, Sendable {
    case odd, even, divisibleby, defined, undefined, none, boolean, `false`, `true`, integer, float, lower,
        upper
    case string, mapping, number, sequence, iterable, callable, sameas, `in`
    case eq, equalto, ne, gt, greaterthan, ge, lt, lessthan, le
    case equalSign = "=="
    case unequalSign = "!="
    case lessSign = "<"
    case lessOrEqualSign = "<="
    case greaterSign = ">"
    case greaterOrEqualSign = ">="
}
