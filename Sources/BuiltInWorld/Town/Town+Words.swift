/// The words that templates may use, for each kind of entry of the fact table.
extension Town {
    func words(for resident: Resident) -> Words {
        Words(
            [
                "town": name, "name": resident.name, "first": resident.firstName, "last": resident.familyName,
                "job": resident.job, "does": resident.details.does, "doing": resident.details.doing,
                "tool": resident.details.tool, "street": resident.street, "pet": resident.pet,
                "petName": resident.petName, "dish": resident.dish, "hobby": resident.hobby,
                "likes": resident.details.likes,
            ], pronoun: resident.pronoun)
    }

    func words(for shop: Shop) -> Words {
        Words(
            [
                "town": name, "shop": shop.name, "kind": shop.kind, "owner": shop.owner.name,
                "ownerFirst": shop.owner.firstName, "job": shop.owner.job, "street": shop.street,
                "opens": English.words(shop.opens), "closes": English.words(shop.closes - 12),
                "closed": shop.closed, "speciality": shop.wares[0].name, "air": shop.air,
                "ware": shop.wares[1].name, "other": shop.wares[2].name,
            ], pronoun: shop.owner.pronoun)
    }

    func words(for recipe: Recipe) -> Words {
        let isPlural = recipe.dish.name.hasSuffix("s")
        return Words([
            "town": name, "dish": recipe.dish.name, "secret": recipe.secret,
            "minutes": English.words(recipe.minutes) + " minutes",
            "count": English.words(recipe.minutes), "takes": isPlural ? "take" : "takes",
            "is": isPlural ? "are" : "is", "needs": isPlural ? "need" : "needs",
            "tastes": isPlural ? "taste" : "tastes", "it": isPlural ? "them" : "it",
        ])
    }

    func words(for bus: BusLine) -> Words {
        Words([
            "town": name, "colour": bus.colour, "destination": bus.destination, "start": bus.stops[0],
            "middle": bus.stops[2], "interval": English.words(bus.interval) + " minutes",
        ])
    }

    func words(for event: Event) -> Words {
        Words([
            "town": name, "event": event.name, "month": event.month, "place": event.place.name,
            "there": event.place.located,
        ])
    }

    func words(for rule: Rule) -> Words {
        let custom = rule.custom
        return Words([
            "town": name, "activity": custom.activity, "verb": custom.verb, "place": custom.place,
            "yes": rule.isAllowed ? "yes" : "no", "may": rule.isAllowed ? "may" : "may not",
            "is": rule.isAllowed ? "is" : "is not", "allowed": rule.isAllowed ? "allowed" : "not allowed",
            "reason": rule.isAllowed ? custom.reasonFor : custom.reasonAgainst,
        ])
    }
}
