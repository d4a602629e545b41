/// Values of expressions.
extension JinjaEvaluator {
    /// The value of an expression that sees the scope's variables.
    func value(
        of expression: JinjaExpression, in scope: JinjaScope
    ) throws(JinjaProblem) -> JinjaValue {
        line = expression.line
        let value = try budget.deeper { () throws(JinjaProblem) -> JinjaValue in
            try self.value(of: expression.form, in: scope)
        }
        try budget.check(depth: value.depth)
        return value
    }

    private func value(
        of form: JinjaExpression.Form, in scope: JinjaScope
    ) throws(JinjaProblem) -> JinjaValue {
        switch form {
        case .none: return .none
        case .bool(let flag): return .bool(flag)
        case .integer(let value): return .integer(value)
        case .number(let value): return .number(value)
        case .string(let text): return .string(text)
        case .name(let name): return scope.value(of: name) ?? .undefined(name)
        case .list(let elements): return .list(try values(of: elements, in: scope))
        case .tuple(let elements): return .tuple(try values(of: elements, in: scope))
        case .dictionary(let members): return try dictionary(members, in: scope)
        case .attribute(let owner, let name): return try value(of: owner, in: scope).attribute(name)
        case .item(let owner, let index):
            let owner = try value(of: owner, in: scope)
            return try owner.item(try value(of: index, in: scope))
        case .slice(let owner, let start, let stop, let step):
            let owner = try value(of: owner, in: scope)
            return try owner.slice(
                try optional(start, in: scope), try optional(stop, in: scope), try optional(step, in: scope),
                budget)
        case .call(let function, let arguments):
            return try self.value(of: function, calledWith: arguments, in: scope)
        case .filter(let owner, let filter, let arguments):
            let owner = try value(of: owner, in: scope)
            return try filter.applied(to: owner, try call(arguments, in: scope), budget)
        case .test(let owner, let test, let arguments):
            let owner = try value(of: owner, in: scope)
            return .bool(try test.holds(owner, try call(arguments, in: scope), budget))
        case .not(let inner): return .bool(try !value(of: inner, in: scope).isTrue)
        case .and(let left, let right):
            let left = try value(of: left, in: scope)
            return left.isTrue ? try value(of: right, in: scope) : left
        case .or(let left, let right):
            let left = try value(of: left, in: scope)
            return left.isTrue ? left : try value(of: right, in: scope)
        case .conditional(let chosen, let condition, let other):
            if try value(of: condition, in: scope).isTrue { return try value(of: chosen, in: scope) }
            guard let other else { return .undefined("the condition was false and no 'else' was given") }
            return try value(of: other, in: scope)
        case .comparison(let first, let others): return try compared(first, others, in: scope)
        case .unary(let sign, let inner): return try signed(sign, try value(of: inner, in: scope))
        case .binary(let operation, let left, let right):
            let left = try value(of: left, in: scope)
            return try operation.applied(left, try value(of: right, in: scope), budget)
        case .concatenation(let parts):
            var text = ""
            for part in parts {
                let piece = try value(of: part, in: scope).text(budget)
                try budget.spend(bytes: piece.utf8.count)
                text += piece
            }
            return .string(text)
        }
    }

    private func values(
        of expressions: [JinjaExpression], in scope: JinjaScope
    ) throws(JinjaProblem) -> [JinjaValue] {
        var values: [JinjaValue] = []
        values.reserveCapacity(expressions.count)
        for expression in expressions { values.append(try value(of: expression, in: scope)) }
        return values
    }

    private func optional(
        _ expression: JinjaExpression?, in scope: JinjaScope
    ) throws(JinjaProblem) -> JinjaValue? {
        guard let expression else { return nil }
        return try value(of: expression, in: scope)
    }

    private func dictionary(
        _ members: [(key: JinjaExpression, value: JinjaExpression)], in scope: JinjaScope
    ) throws(JinjaProblem) -> JinjaValue {
        var dictionary = OrderedMembers<JinjaValue>()
        for (key, expression) in members {
            guard case .string(let name) = try value(of: key, in: scope) else {
                throw .unsupported("a dictionary's key that is no string")
            }
            dictionary[name] = try value(of: expression, in: scope)
        }
        return .mapping(JinjaMapping(dictionary))
    }

    private func compared(
        _ first: JinjaExpression, _ others: [(JinjaComparison, JinjaExpression)],
        in scope: JinjaScope
    ) throws(JinjaProblem) -> JinjaValue {
        var left = try value(of: first, in: scope)
        for (comparison, expression) in others {
            let right = try value(of: expression, in: scope)
            if try !holds(comparison, left, right) { return .bool(false) }
            left = right
        }
        return .bool(true)
    }

    private func holds(
        _ comparison: JinjaComparison, _ left: JinjaValue, _ right: JinjaValue
    ) throws(JinjaProblem) -> Bool {
        switch comparison {
        case .equal: try left.isEqual(to: right, budget)
        case .unequal: try !left.isEqual(to: right, budget)
        case .less: try left.isLess(than: right, budget)
        case .greater: try right.isLess(than: left, budget)
        case .lessOrEqual: try !right.isLess(than: left, budget)
        case .greaterOrEqual: try !left.isLess(than: right, budget)
        case .isIn: try right.contains(left, budget)
        case .isNotIn: try !right.contains(left, budget)
        }
    }

    private func signed(
        _ sign: JinjaUnaryOperator, _ value: JinjaValue
    ) throws(JinjaProblem) -> JinjaValue {
        switch (sign, value) {
        case (.minus, .number(let number)): .number(-number)
        case (.minus, _): try JinjaBinaryOperator.subtract.applied(.integer(0), value, budget)
        case (.plus, _): try JinjaBinaryOperator.subtract.applied(value, .integer(0), budget)
        }
    }
}

/// Calls of functions, methods and macros.
extension JinjaEvaluator {
    /// The values that a call's arguments have.
    func call(_ arguments: JinjaArguments, in scope: JinjaScope) throws(JinjaProblem) -> JinjaCall {
        var call = JinjaCall()
        for argument in arguments.positional { call.positional.append(try value(of: argument, in: scope)) }
        for (name, argument) in arguments.named { call.named[name] = try value(of: argument, in: scope) }
        return call
    }

    /// The value of `function(arguments)`.
    func value(
        of function: JinjaExpression, calledWith arguments: JinjaArguments,
        caller: JinjaMacro? = nil,
        in scope: JinjaScope
    ) throws(JinjaProblem) -> JinjaValue {
        let callee = try value(of: function, in: scope)
        let call = try call(arguments, in: scope)
        line = function.line
        switch callee {
        case .function(let function): return try value(of: function, call)
        case .method(let owner, let name): return try JinjaMethods.call(name, of: owner, call, budget)
        case .macro(let macro): return try expansion(of: macro, call, caller: caller)
        case .undefined(let name): throw .failed("'\(name)' is undefined")
        case .loop: throw .unsupported("a recursive loop")
        default: throw .failed("a value of type \(callee.typeName) cannot be called")
        }
    }

    /// The value of the call that stands in a `call` block.
    func value(
        ofCall expression: JinjaExpression, caller: JinjaMacro, in scope: JinjaScope
    ) throws(JinjaProblem) -> JinjaValue {
        guard case .call(let function, let arguments) = expression.form else {
            throw .failed("a call block without a call")
        }
        return try value(of: function, calledWith: arguments, caller: caller, in: scope)
    }

    private func value(
        of function: JinjaFunction, _ call: JinjaCall
    ) throws(JinjaProblem) -> JinjaValue {
        switch function {
        case .range: return try JinjaFunction.range(call, budget)
        case .dict: return .mapping(JinjaMapping(try JinjaFunction.members(call, budget)))
        case .namespace: return namespace(try JinjaFunction.members(call, budget))
        case .raiseException: throw .raised(try call.required(0, "message").text(budget))
        case .strftimeNow:
            return .string(try PythonDate.text(try call.required(0, "format").text(budget), of: date))
        case .cycler, .joiner, .lipsum: throw .unsupported("the function '\(function.rawValue)'")
        }
    }

    /// The output of a macro for the given values.
    private func expansion(
        of macro: JinjaMacro, _ call: JinjaCall, caller: JinjaMacro?
    ) throws(JinjaProblem) -> JinjaValue {
        let definition = macro.definition
        try call.check("the macro '\(definition.name)'", takes: definition.parameters.map(\.name))
        let scope = JinjaScope(within: macro.scope)
        for (position, parameter) in definition.parameters.enumerated() {
            if let given = call.value(position, parameter.name) {
                scope.variables[parameter.name] = given
            } else if let expression = parameter.defaultValue {
                scope.variables[parameter.name] = try value(of: expression, in: scope)
            } else {
                scope.variables[parameter.name] = .undefined(parameter.name)
            }
        }
        scope.variables["caller"] = caller.map { .macro($0) } ?? .undefined("caller")
        let text = try captured { () throws(JinjaProblem) in
            if try execute(definition.body, in: scope) != .next {
                throw .failed("'break' and 'continue' belong into a loop")
            }
        }
        return .string(text)
    }
}
