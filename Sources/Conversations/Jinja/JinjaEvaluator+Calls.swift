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

    /// What a macro prints for the given values.
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
